/**
 * The relief under the map's lines: a canvas of ours below Plotly's transparent plot. While the
 * view moves it is painted coarsely in every frame; once it rests, at the screen's resolution.
 */

import { fieldOf, paint } from "../core/relief.mjs";

/**
 * @typedef {import("../core/relief.mjs").Axis} Axis
 * @typedef {import("./projection2d.mjs").Projection2d} Projection2d
 * @typedef {{left: number, top: number, width: number, height: number}} Box CSS px
 * @typedef {{ctx: CanvasRenderingContext2D, image: ImageData, xs: Axis, ys: Axis, done: number}} Painting done: rows
 */

const COARSE = 3; // device px a side of what is painted while the view moves
const AT_ONCE = 90_000; // pixels a frame, some milliseconds
const REST = 90; // ms without a move

/**
 * The places of pixels along an axis.
 * @param {import("./projection2d.mjs").Axis} axis @param {number} from CSS px @param {number} length CSS px
 * @param {number} count pixels @returns {Axis}
 */
function placesAlong({ zero, slope }, from, length, count) {
  const step = length / count / slope;
  return { from: (from - zero) / slope + step / 2, step, count };
}

export class Ground {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.className = "nn-ground";
    this.canvas.setAttribute("aria-hidden", "true");
    this.z = null; // the heights that the field was made of
    /** @type {import("../core/relief.mjs").Field|null} */
    this.field = null;
    /** @type {import("../core/heights.mjs").FigureMeta} */
    this.meta = {};
    this.key = "";
    /** What is under way. @type {Painting|null} */
    this.painting = null;
    this.movedAt = -Infinity;
    this.isFine = false;
  }

  /**
   * Once a frame.
   * @param {HTMLElement} stage @param {PlotlyGraph|null} graph @param {Projection2d|null} projection
   * @param {Box} plot @param {number} ratio device px a CSS px @param {number} now ms
   */
  update(stage, graph, projection, plot, ratio, now) {
    if (this.canvas.parentNode !== stage) stage.prepend(this.canvas);
    this.#read(graph);
    this.canvas.hidden = !this.field || !projection || !(plot.width > 0 && plot.height > 0);
    if (this.canvas.hidden) return;
    const key = `${projection.key}|${ratio}`;
    if (key !== this.key) {
      this.key = key;
      this.movedAt = now;
      this.#rest(false);
      const { left, top, width, height } = plot;
      this.canvas.style.cssText = `left: ${left}px; top: ${top}px; width: ${width}px; height: ${height}px`;
      this.painting = this.#begin(this.canvas, projection, plot, ratio / COARSE);
      this.#go(Infinity);
      return;
    }
    if (this.isFine || now - this.movedAt < REST) return;
    // On another canvas: the coarse one stays until the fine one is whole.
    this.painting ??= this.#begin(document.createElement("canvas"), projection, plot, ratio);
    const { canvas } = this.painting.ctx;
    if (!this.#go(AT_ONCE)) return;
    this.#rest(true);
    [this.canvas.width, this.canvas.height] = [canvas.width, canvas.height];
    this.canvas.getContext("2d").drawImage(canvas, 0, 0);
  }

  /** @param {boolean} isFine is it painted at the screen's resolution? */
  #rest(isFine) {
    this.isFine = isFine;
    this.canvas.dataset.rests = String(isFine);
  }

  /**
   * The same as a picture of Plotly's layout, for what is exported.
   * @param {PlotlyGraph|null} graph @param {Projection2d} projection @param {Box} plot
   * @param {number} scale pixels a CSS px
   */
  image(graph, projection, plot, scale) {
    this.#read(graph);
    if (!this.field) return [];
    const canvas = document.createElement("canvas");
    this.painting = this.#begin(canvas, projection, plot, scale);
    this.#go(Infinity);
    return [{
      source: canvas.toDataURL(), xref: "paper", yref: "paper", x: 0, y: 1, sizex: 1, sizey: 1, sizing: "stretch",
      layer: "below",
    }];
  }

  /** Take over heights that are new. @param {PlotlyGraph|null} graph */
  #read(graph) {
    const meta = graph?.layout?.meta ?? {}, trace = graph?._fullData?.[0];
    const z = meta.relief && trace?.type === "contour" ? trace.z : null;
    if (z === this.z && (!z || meta === this.meta)) return;
    this.z = z;
    this.meta = meta;
    this.field = z && fieldOf({ x: trace.x, y: trace.y, z }, meta.top, meta.relief);
    this.key = "";
  }

  /**
   * @param {HTMLCanvasElement} canvas @param {Projection2d} projection @param {Box} plot @param {number} ratio
   * @returns {Painting}
   */
  #begin(canvas, { x, y }, { left, top, width, height }, ratio) {
    [canvas.width, canvas.height] = [width, height].map((px) => Math.max(1, Math.round(px * ratio)));
    const ctx = canvas.getContext("2d"), image = ctx.createImageData(canvas.width, canvas.height);
    const xs = placesAlong(x, left, width, canvas.width), ys = placesAlong(y, top, height, canvas.height);
    return { ctx, image, xs, ys, done: 0 };
  }

  /** Paint at most so many pixels more. @param {number} most @returns {boolean} whether it is whole */
  #go(most) {
    const { ctx, image, xs, ys, done } = this.painting;
    const count = Math.min(ys.count - done, Math.max(1, Math.floor(most / xs.count)));
    const rows = { ...ys, from: ys.from + done * ys.step, count };
    paint(this.field, this.meta.relief, xs, rows, image.data.subarray(4 * done * xs.count));
    this.painting.done += count;
    if (this.painting.done < ys.count) return false;
    ctx.putImageData(image, 0, 0);
    this.painting = null;
    return true;
  }
}
