/**
 * Transparent canvases above a Plotly graph, one a layer, at the screen's resolution.
 * Lines grow on theirs and are not cleared while time runs forward; only the heads are.
 * Three layers and no more: every canvas that changes is sent to the screen whole.
 */

export const LAYERS = ["under", "past", "heads"];

const DENSEST = 3; // device pixels a CSS pixel; more costs memory and shows nothing

export class Stack {
  /**
   * @param {HTMLElement} stage position: relative, holds the graph
   * @param {{density?: number}} [how] device px a CSS px; given: drawn whether or not it is seen, and read back
   */
  constructor(stage, { density } = {}) {
    this.density = density;
    this.stage = stage;
    this.root = document.createElement("div");
    this.root.className = "nn-stack";
    this.root.setAttribute("aria-hidden", "true");
    /** @type {Record<string, CanvasRenderingContext2D>} */
    this.layers = {};
    for (const name of LAYERS) {
      const canvas = document.createElement("canvas");
      canvas.dataset.layer = name;
      this.root.append(canvas);
      this.layers[name] = canvas.getContext("2d", { willReadFrequently: density !== undefined });
    }
    this.width = this.height = this.ratio = 0; // CSS px, and device px a CSS px
    this.inView = true;
    this.stale = true; // the size may have changed
    new ResizeObserver(() => (this.stale = true)).observe(stage);
    new IntersectionObserver(([entry]) => (this.inView = entry.isIntersecting)).observe(stage);
    stage.append(this.root);
  }

  /**
   * Is there anything to draw on? What is scrolled away is left alone while it moves, and
   * drawn once when it rests (to be there for a print or a picture of the whole page).
   * @param {boolean} resting
   */
  isWanted(resting) {
    return (this.inView || this.density || resting) && this.width > 0 && this.height > 0;
  }

  /** Take over size and density. @returns {boolean} whether they changed (and layers are blank) */
  fit() {
    const ratio = this.density ?? Math.min(DENSEST, window.devicePixelRatio || 1);
    if (!this.stale && ratio === this.ratio) return false;
    this.stale = false;
    if (this.root.parentNode !== this.stage) this.stage.append(this.root);
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    [this.width, this.height, this.ratio] = [width, height, ratio];
    for (const { canvas } of Object.values(this.layers)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    return true;
  }

  /**
   * A layer ready to draw in CSS pixels, clipped to a box.
   * @param {string} name @param {{left: number, top: number, width: number, height: number}} box
   */
  pen(name, box) {
    const ctx = this.layers[name];
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left, box.top, box.width, box.height);
    ctx.clip();
    return ctx;
  }

  /** @param {string} name */
  clear(name) {
    const ctx = this.layers[name];
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, ctx.canvas.width, ctx.canvas.height);
  }
}
