/** Draws what a canvas would, as elements of an SVG: as much as words and signs need. */

const SPACE = "http://www.w3.org/2000/svg";
const ALIGNED = { left: "start", right: "end", center: "middle" };

/** @param {string} name @param {Record<string, unknown>} attributes @param {...(Node|string)} children */
export function svgNode(name, attributes, ...children) {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/** Decimals that are seen. @param {number} value */
const short = (value) => Number(value.toFixed(2));

/** A linear gradient from left to right. */
class Gradient {
  /** @param {string} id @param {number} from @param {number} to */
  constructor(id, from, to) {
    this.id = id;
    this.node = svgNode("linearGradient", { id, gradientUnits: "userSpaceOnUse", x1: from, x2: to });
  }

  /** @param {number} offset @param {string} colour */
  addColorStop(offset, colour) {
    this.node.append(svgNode("stop", { offset, "stop-color": colour }));
  }
}

export class SvgPen {
  /** @param {Element} root an SVG */
  constructor(root) {
    this.root = root;
    this.measure = document.createElement("canvas").getContext("2d");
    this.fillStyle = this.strokeStyle = /** @type {string|Gradient} */ ("#000");
    this.font = "";
    this.textAlign = /** @type {keyof typeof ALIGNED} */ ("left");
    this.textBaseline = "middle";
    this.lineJoin = "miter";
    this.lineWidth = 1;
    this.globalAlpha = 1;
    this.path = "";
    this.gradients = 0;
  }

  /** @param {string|Gradient} style */
  #paint = (style) => (style instanceof Gradient ? `url(#${style.id})` : style);

  /** @param {string} text */
  measureText(text) {
    this.measure.font = this.font;
    return this.measure.measureText(text);
  }

  /** @param {number} x0 @param {number} _y0 @param {number} x1 */
  createLinearGradient(x0, _y0, x1) {
    const made = new Gradient(`nn-tint-${this.gradients++}`, x0, x1);
    this.root.append(svgNode("defs", {}, made.node));
    return made;
  }

  /** @param {string} text @param {number} x @param {number} y @param {Record<string, unknown>} how */
  #text(text, x, y, how) {
    const style = `font:${this.font};white-space:pre`;
    const place = { x: short(x), y: short(y), dy: "0.35em", "text-anchor": ALIGNED[this.textAlign] };
    this.root.append(svgNode("text", { ...place, style, ...how }, text));
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    this.#text(text, x, y, { fill: this.#paint(this.fillStyle) });
  }

  /** @param {string} text @param {number} x @param {number} y */
  strokeText(text, x, y) {
    const { lineWidth, lineJoin } = this;
    this.#text(text, x, y, { fill: "none", stroke: this.#paint(this.strokeStyle), "stroke-width": lineWidth,
      "stroke-linejoin": lineJoin, "aria-hidden": "true" });
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.root.append(svgNode("rect", { x, y, width, height, fill: this.#paint(this.fillStyle) }));
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  strokeRect(x, y, width, height) {
    const stroke = this.#paint(this.strokeStyle);
    this.root.append(svgNode("rect", { x, y, width, height, fill: "none", stroke, "stroke-width": this.lineWidth }));
  }

  beginPath() {
    this.path = "";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${short(x)} ${short(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `L${short(x)} ${short(y)}`;
  }

  /** A whole circle. @param {number} x @param {number} y @param {number} r */
  arc(x, y, r) {
    const [right, left, at] = [x + r, x - r, y].map(short);
    this.path += `M${right} ${at}A${r} ${r} 0 1 1 ${left} ${at}A${r} ${r} 0 1 1 ${right} ${at}`;
  }

  closePath() {
    this.path += "Z";
  }

  fill() {
    this.root.append(svgNode("path", { d: this.path, fill: this.#paint(this.fillStyle) }));
  }

  stroke() {
    const { path: d, lineWidth, lineJoin } = this;
    this.root.append(svgNode("path", { d, fill: "none", stroke: this.#paint(this.strokeStyle),
      "stroke-width": lineWidth, "stroke-linejoin": lineJoin }));
  }
}
