/** Marks on a canvas: the eight run symbols, the two kinds of minimum, haloed text. */

import { slotOf } from "../core/looks.mjs";

/** In the order of the slots; slots 9–12 reuse colours 1–4 with symbols 5–8. */
export const SYMBOLS = [
  "circle", "diamond", "square", "cross", "x", "circle-open", "diamond-open", "square-open",
];

/** @param {number} run counted from 0 */
export function symbolOf(run) {
  const slot = slotOf(run);
  return SYMBOLS[slot < 8 ? slot : 4 + ((slot - 8) % 4)];
}

const MANY_MINIMA = 16; // above this many, rings are small and without their loss
const SMALL = 0.4; // of a ring's size then
const DOT = 5; // px: one of a curve of equal minima
const TAU = 2 * Math.PI;

/** @typedef {Pick<CanvasRenderingContext2D, "moveTo"|"lineTo"|"arc"|"closePath">} Path a canvas's, or our own */

/**
 * Corner points, as shares of the half size, of the symbols made of straight lines.
 * @type {Record<string, number[]>}
 */
const CORNERS = {
  diamond: [0, -1.2, 1.2, 0, 0, 1.2, -1.2, 0],
  square: [-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9],
  cross: [-0.38, -1.1, 0.38, -1.1, 0.38, -0.38, 1.1, -0.38, 1.1, 0.38, 0.38, 0.38,
    0.38, 1.1, -0.38, 1.1, -0.38, 0.38, -1.1, 0.38, -1.1, -0.38, -0.38, -0.38],
};

/**
 * @param {Path} path @param {number[]} corners @param {number} x @param {number} y
 * @param {number} r
 */
function polygon(path, corners, x, y, r, turn = 0) {
  const c = Math.cos(turn) * r, s = Math.sin(turn) * r;
  for (let i = 0; i < corners.length; i += 2) {
    const px = x + corners[i] * c - corners[i + 1] * s, py = y + corners[i] * s + corners[i + 1] * c;
    if (i) path.lineTo(px, py);
    else path.moveTo(px, py);
  }
  path.closePath();
}

/**
 * The outline of a symbol of diameter `size`.
 * @param {string} symbol @param {Path} path @param {number} x @param {number} y @param {number} size
 */
export function outline(path, symbol, x, y, size) {
  const r = size / 2;
  const shape = symbol.replace("-open", "");
  if (shape === "circle") {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, TAU);
  } else if (shape === "x") polygon(path, CORNERS.cross, x, y, r, Math.PI / 4);
  else polygon(path, CORNERS[shape], x, y, r);
}

/**
 * A run's head: the symbol in the run's colour, edged with paper so that it stands off.
 * @param {CanvasRenderingContext2D} ctx
 * @param {{symbol: string, x: number, y: number, size: number, colour: string, paper: string, edge: number}} mark
 */
export function head(ctx, { symbol, x, y, size, colour, paper, edge }) {
  ctx.beginPath();
  outline(ctx, symbol, x, y, size);
  ctx.lineJoin = "miter";
  if (symbol.endsWith("-open")) {
    const width = size * 0.2;
    ctx.strokeStyle = paper;
    ctx.lineWidth = width + 2 * edge;
    ctx.stroke();
    ctx.fillStyle = paper;
    ctx.fill();
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
    return;
  }
  ctx.strokeStyle = paper;
  ctx.lineWidth = 2 * edge;
  ctx.stroke();
  ctx.fillStyle = colour;
  ctx.fill();
}

/**
 * Points from a head at the edge of a view to where the run really is.
 * @param {CanvasRenderingContext2D} ctx
 * @param {{x: number, y: number, angle: number, size: number, colour: string, paper: string, edge: number}} mark
 */
export function pointer(ctx, { x, y, angle, size, colour, paper, edge }) {
  ctx.beginPath();
  polygon(ctx, [1.6, -0.8, 2.5, 0, 1.6, 0.8], x, y, size / 2, angle);
  ctx.lineJoin = "round";
  ctx.strokeStyle = paper;
  ctx.lineWidth = 2 * edge;
  ctx.stroke();
  ctx.fillStyle = colour;
  ctx.fill();
}

/** Corners, as shares of the half size. */
export const STAR = Array.from({ length: 10 }, (_, i) => {
  const r = i % 2 ? 0.42 : 1.05, a = -Math.PI / 2 + (i * Math.PI) / 5;
  return [r * Math.cos(a), r * Math.sin(a)];
}).flat();

/**
 * A global minimum.
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size @param {string} ink
 * @param {string} paper
 */
export function star(ctx, x, y, size, ink, paper) {
  ctx.beginPath();
  polygon(ctx, STAR, x, y, size / 2);
  ctx.lineJoin = "round";
  ctx.strokeStyle = paper;
  ctx.lineWidth = size * 0.14;
  ctx.stroke();
  ctx.fillStyle = ink;
  ctx.fill();
}

/**
 * A local minimum.
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size @param {string} ink
 * @param {string} paper
 */
export function ring(ctx, x, y, size, ink, paper, squash = 1) {
  ctx.beginPath();
  ctx.ellipse(x, y, size / 2, (size / 2) * squash, 0, 0, TAU);
  ctx.strokeStyle = paper;
  ctx.lineWidth = size * 0.2;
  ctx.stroke();
  ctx.strokeStyle = ink;
  ctx.lineWidth = size * 0.1;
  ctx.stroke();
}

/** @typedef {import("../core/stream.mjs").Minimum} Minimum */

/** Are there so many that rings are small and without their loss? @param {Minimum[]} minima */
export const isCrowded = (minima) => minima.filter(({ kind }) => kind !== "curve").length > MANY_MINIMA;

/**
 * A star for a global minimum, a ring for a local one, a dot for one of a curve of equal ones.
 * @param {CanvasRenderingContext2D} ctx @param {{x: number, y: number}} at @param {Minimum} minimum
 * @param {{star: number, ring: number, squash: number, many: boolean}} sizes px
 * @param {{scale: number, ink: string, paper: string}} theme
 */
export function minimumSign(ctx, { x, y }, { is_global: isGlobal, kind }, sizes, { scale, ink, paper }) {
  if (kind === "curve") ring(ctx, x, y, DOT * scale, ink, paper);
  else if (isGlobal) star(ctx, x, y, sizes.star * scale, ink, paper);
  else ring(ctx, x, y, sizes.ring * (sizes.many ? SMALL : 1) * scale, ink, "rgba(0,0,0,0)", sizes.squash);
}

/**
 * Text that stays legible on lines: paper behind ink.
 * @param {CanvasRenderingContext2D} ctx @param {string} text @param {number} x @param {number} y
 * @param {{font: string, ink: string, halo: string, align?: CanvasTextAlign}} how
 */
export function label(ctx, text, x, y, { font, ink, halo, align = "left" }) {
  ctx.font = font;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.strokeStyle = halo;
  ctx.lineWidth = 3;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink;
  ctx.fillText(text, x, y);
}

/** A run's symbol as an SVG element, for tables and tooltips; it takes its colour from CSS. @param {number} run */
export function symbolIcon(run, size = 14) {
  /** @type {string[]} */
  const pieces = [];
  /** @type {Path} */
  const path = {
    moveTo: (x, y) => pieces.push(`M${x.toFixed(2)} ${y.toFixed(2)}`),
    lineTo: (x, y) => pieces.push(`L${x.toFixed(2)} ${y.toFixed(2)}`),
    arc: (x, y, r) => pieces.push(`A${r} ${r} 0 1 1 ${x - r} ${y}A${r} ${r} 0 1 1 ${x + r} ${y}`),
    closePath: () => pieces.push("Z"),
  };
  const symbol = symbolOf(run);
  outline(path, symbol, 8, 8, symbol.includes("diamond") ? 11 : 12);
  return svg(pieces.join(""), size, `nn-symbol nn-run-${slotOf(run)}${symbol.endsWith("-open") ? " nn-open" : ""}`);
}

/** The icon of a verdict: star (global minimum), ring (local), or a plain mark. @param {string} icon */
export function verdictIcon(icon, size = 12) {
  if (icon === "star") {
    /** @param {number} i */
    const at = (i) => `${(8 + 8 * STAR[i]).toFixed(2)} ${(8.4 + 8 * STAR[i + 1]).toFixed(2)}`;
    const points = Array.from({ length: 10 }, (_, i) => at(2 * i));
    return svg(`M${points.join("L")}Z`, size, "nn-icon");
  }
  if (icon === "ring") return svg("M14 8A6 6 0 1 1 2 8A6 6 0 1 1 14 8Z", size, "nn-icon nn-open");
  /** @type {Record<string, string>} */
  const other = {
    saddle: "M2 4Q8 12 14 4M2 12Q8 4 14 12", flat: "M2 8H14", moving: "M2 8H13M9 4L13 8L9 12",
    diverged: "M3 3L13 13M13 3L3 13", left: "M8 14V3M4 7L8 3L12 7",
    crease: "M2 4L8 12L14 4", unmoved: "M5 3V13M11 3V13", undefined: "M3 13L13 3M14 8A6 6 0 1 1 2 8A6 6 0 1 1 14 8Z",
    cycle: "M13 8A5 5 0 1 1 11 4M11 1V4H8",
  };
  return svg(other[icon] ?? other.flat, size, "nn-icon nn-open");
}

/** @param {string} d @param {number} size @param {string} name its classes */
export function svg(d, size, name) {
  const space = "http://www.w3.org/2000/svg";
  const root = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 16 16", width: size, height: size, class: name, "aria-hidden": "true",
  })) root.setAttribute(key, String(value));
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", d);
  root.append(path);
  return root;
}
