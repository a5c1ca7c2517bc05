/** The curve of a surface of one weight, as Plotly draws it: where a place or a loss is on it. */

import { heightOf } from "../core/heights.mjs";
import { toPixel } from "./projection2d.mjs";

/** @typedef {import("./projection2d.mjs").Projection2d} Projection2d */
/** @typedef {{x0: number, y0: number, x1: number, y1: number}} Segment CSS px */

const FARTHEST = 1e6; // px: what is higher is drawn as high, and cut off

export class LossCurve {
  /** @param {PlotlyTrace} trace @param {import("../core/heights.mjs").FigureMeta} meta */
  constructor({ x, y, customdata }, meta) {
    /** Rising. @type {ArrayLike<number>} */
    this.x = x;
    /** On the upward axis. @type {ArrayLike<number>} */
    this.y = y;
    /** f'(x). @type {ArrayLike<number>} */
    this.slopes = customdata;
    this.meta = meta;
  }

  /** Where a loss is on the upward axis. @param {number} loss */
  upward(loss) {
    return this.meta.scale === "linear" ? loss : heightOf(loss, this.meta);
  }

  /**
   * A column of the curve at a place between its points; NaN beside them.
   * @param {ArrayLike<number>} column @param {number} x
   */
  #at(column, x) {
    const last = this.x.length - 1;
    if (!(x >= this.x[0] && x <= this.x[last])) return NaN;
    let low = 0, high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.x[middle] <= x) low = middle;
      else high = middle;
    }
    const part = (x - this.x[low]) / (this.x[high] - this.x[low] || 1);
    return part ? column[low] + part * (column[high] - column[low]) : column[low];
  }

  /** The curve at a place, on the upward axis. @param {number} x */
  over(x) {
    return this.#at(this.y, x);
  }

  /**
   * Whether the curve goes up (1) or down (−1) to the right of a place; 0 where it is level or unknown.
   * @param {number} x
   */
  way(x) {
    return Math.sign(this.#at(this.slopes, x)) || 0;
  }

  /**
   * How steep the drawn curve is, px down for each px to the right.
   * @param {Projection2d} projection @param {number} x @param {number} loss there @param {number} slope of the loss
   */
  steepness({ x: across, y: up }, x, loss, slope) {
    const { scale, best = 0, unit = 1 } = this.meta;
    const rise = scale === "linear" ? slope : slope / ((unit + Math.max(0, loss - best)) * Math.LN10);
    return (rise * up.slope) / across.slope;
  }

  /** The same as the curve is drawn. @param {Projection2d} projection @param {number} x */
  drawn({ x: across, y: up }, x) {
    const reach = 2 / Math.abs(across.slope), rise = this.over(x + reach) - this.over(x - reach);
    const steep = ((rise / (2 * reach)) * up.slope) / across.slope;
    return Number.isFinite(steep) ? steep : 0;
  }

  /** CSS px of a height on the upward axis. @param {Projection2d} projection @param {number} height */
  pixel({ y }, height) {
    return Math.max(-FARTHEST, Math.min(FARTHEST, toPixel(y, height)));
  }
}

/**
 * The curve of a graph; the one known when it is the same, null when it shows no curve.
 * @param {PlotlyGraph} graph @param {LossCurve|null} known @returns {LossCurve|null}
 */
export function readCurve(graph, known) {
  const meta = graph.layout?.meta;
  if (meta?.kind !== "curve") return null;
  const trace = graph._fullData?.find(({ uid }) => uid === "curve");
  if (!trace?.customdata) return null;
  return known && known.y === trace.y && known.meta === meta ? known : new LossCurve(trace, meta);
}
