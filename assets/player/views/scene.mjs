/**
 * The overlay of the 3D scene: the same runs, projected with Plotly's camera.
 *
 * A run's point stands at log10(1 + loss − best), clamped to the sheet and lifted a little,
 * so that it lies on the sheet and not in it. What the hill hides is dimmed.
 */

import { heightOf } from "../core/heights.mjs";
import { drawLying } from "./lying.mjs";
import { HeightGrid } from "./occlusion.mjs";
import { Overlay } from "./overlay.mjs";
import { CanvasBox, Projection3d, sceneOf, stopPicking } from "./projection3d.mjs";
import { clip, countUpTo, HIDDEN, MOVE, SEEN } from "./trail.mjs";

/**
 * @typedef {import("./trail.mjs").Trail} Trail
 * @typedef {{x: number, y: number, z: number, inside: boolean}} Placed in data units; inside the sheet's rim?
 * @typedef {import("./overlay.mjs").Series & {sheet?: HeightGrid, z?: Float32Array, known?: number,
 *   kept?: Int32Array, keptCount?: number}} SceneSeries with heights on a sheet, rows known, and rows kept of those
 */

const LIFT = 0.035 / 3, HEAD_LIFT = 0.13 / 3; // shares of the height of the sheet
const TOO_NEAR = 0.6; // px: nearer points add nothing that one could see
const STILL_SHARE = 1 / 4000; // of the sheet: a step shorter than that is below a pixel
const STEM_EVERY = 3, STEMS = 120; // rows; most of a line
const PIECE = 14; // px: longer lines are cut into pieces, each seen or hidden

export class SceneOverlay extends Overlay {
  constructor() {
    super("scene-stage", "scene", { line: 3, halo: 4.5, future: 1.5, head: 12, dots: false, answers: true });
    this.projection = new Projection3d();
    this.canvasBox = new CanvasBox();
    /** @type {PlotlyGlplot|null} */
    this.glplot = null;
    /** @type {HeightGrid|null} */
    this.sheet = null;
    this.trace = null; // the Plotly data the sheet was copied from
    /** @type {import("../core/stream.mjs").Minimum[]} */
    this.minima = [];
    /** @type {import("../core/heights.mjs").FigureMeta} */
    this.meta = {};
    this.from = { x: 0, y: 0, z: 0, inside: false };
    this.to = { x: 0, y: 0, z: 0, inside: false };
  }

  sync() {
    const scene = sceneOf(this.graph);
    if (!scene) return "gone";
    const anew = this.#readSheet();
    if (!this.sheet) return "gone";
    this.glplot = scene.glplot;
    stopPicking(scene.glplot);
    [this.plot.width, this.plot.height] = [this.stack.width, this.stack.height];
    const box = this.canvasBox.of(this.stack, scene.glplot.canvas);
    return this.projection.update(scene, box) || anew ? "moved" : "same";
  }

  /** Copy the height grid when the figure brings another. @returns {boolean} whether it did */
  #readSheet() {
    const meta = this.graph.layout?.meta ?? {};
    const trace = this.graph._fullData?.[meta.sheet ?? 0];
    if (!trace?.z || trace.type !== "surface") return false;
    if (trace.z === this.trace && meta.best === this.best) return false;
    this.trace = trace.z;
    this.best = meta.best ?? 0;
    this.meta = meta;
    this.sheet = new HeightGrid(trace.x, trace.y, trace.z);
    this.top = meta.zmax ?? this.sheet.top;
    return true;
  }

  /** Height of a run's numbers in the scene, without lift. @param {number} x @param {number} y @param {number} loss */
  #height(x, y, loss) {
    const z = Math.min(this.top, heightOf(loss, this.meta));
    if (this.meta.free) return z; // a training stands at its true loss, above or below its slice
    // Between grid points the drawn sheet may lie above the true loss: stay on what is drawn.
    return this.sheet.contains(x, y) ? Math.max(z, this.sheet.at(x, y)) : z;
  }

  /**
   * Heights of a series, and the rows that are worth a vertex (a settled run has few), worked
   * out once: the camera does not change them.
   * @param {SceneSeries} series
   */
  #heights(series) {
    const { store } = this, { run, lane } = series;
    if (series.sheet !== this.sheet) {
      series.sheet = this.sheet;
      series.z = new Float32Array(store.rows);
      series.kept = new Int32Array(store.rows);
      series.known = series.keptCount = 0;
    }
    const [x, y] = this.#columns(series), base = lane * store.rows;
    // Of an answer only the place is known, and while the sheet moves a loss is that of its own
    // time: both stand on the sheet as drawn.
    const loss = series.isAnswer || store.header.s ? null : (store.height ?? store.loss)[run];
    for (let row = series.known; row < store.alive[run][lane]; row++) {
      const k = base + row;
      series.z[row] = this.#height(x[k], y[k], loss ? loss[k] : this.best);
      const before = series.kept[series.keptCount - 1];
      const moved = row === 0 ? Infinity
        : this.#share(x[k] - x[base + before], y[k] - y[base + before], series.z[row] - series.z[before]);
      if (moved > STILL_SHARE) series.kept[series.keptCount++] = row;
    }
    series.known = store.alive[run][lane];
  }

  /** A distance as a share of the sheet. @param {number} dx @param {number} dy @param {number} dz */
  #share(dx, dy, dz) {
    const { left, right, low, high } = this.sheet;
    return Math.abs(dx) / (right - left) + Math.abs(dy) / (high - low) + Math.abs(dz) / this.top;
  }

  /** @param {SceneSeries} series */
  #columns({ run, isAnswer }) {
    const { store } = this;
    return isAnswer ? [store.xEval[run], store.yEval[run]] : [store.x[run], store.y[run]];
  }

  /** @param {SceneSeries} series @param {number} row @param {Placed} out */
  #placeRow(series, row, out) {
    const [x, y] = this.#columns(series), k = series.lane * this.store.rows + row;
    out.x = x[k];
    out.y = y[k];
    out.z = series.z[row];
    out.inside = this.sheet.contains(out.x, out.y);
    return out;
  }

  /** @param {number} x @param {number} y @param {number} z */
  #project(x, y, z) {
    this.projection.project(x, y, z, this.spot);
    this.spot.by = this.sheet.hides(x, y, z, this.projection.eye) ? HIDDEN : SEEN;
    return this.spot;
  }

  /** @type {Overlay["locate"]} */
  locate(series, row, isHead) {
    const last = this.store.alive[series.run][series.lane] - 1;
    const inside = Math.min(row, last), i = Math.floor(inside), part = inside - i;
    this.spot.x = NaN;
    if (i < 0) return this.spot;
    this.#heights(series);
    const a = this.#placeRow(series, i, this.from);
    let { x, y, z } = a, isInside = a.inside;
    if (part > 0) {
      const b = this.#placeRow(series, i + 1, this.to);
      x += part * (b.x - x);
      y += part * (b.y - y);
      z += part * (b.z - z);
      isInside = this.sheet.contains(x, y);
      if (isInside && isHead && !this.meta.free) z = Math.max(z, this.sheet.at(x, y));
    }
    if (!isInside) return this.spot;
    return this.#project(x, y, z + this.top * (isHead ? HEAD_LIFT : LIFT));
  }

  /**
   * From a training's true loss to the slice below or above it, every few steps.
   * @param {CanvasRenderingContext2D} ctx @param {import("../core/theme.mjs").Theme} theme @param {number} row
   */
  #drawStems(ctx, theme, row) {
    const place = { x: 0, y: 0, z: 0, inside: false };
    ctx.lineWidth = theme.scale;
    ctx.globalAlpha = 0.55;
    for (const series of this.series) {
      this.#heights(series);
      ctx.strokeStyle = theme.runs[series.run % theme.runs.length];
      ctx.beginPath();
      const every = Math.max(STEM_EVERY, Math.ceil(this.store.rows / STEMS));
      const last = Math.min(Math.floor(row), this.store.alive[series.run][series.lane] - 1);
      for (let i = last % every; i <= last; i += every) {
        const { x, y, z, inside } = this.#placeRow(series, i, place);
        if (!inside) continue;
        const a = { ...this.projection.project(x, y, z + this.top * LIFT, this.spot) };
        const b = this.projection.project(x, y, Math.min(this.top, this.sheet.at(x, y)), this.spot);
        ctx.moveTo(a.x, a.y);
        ctx.lineTo(b.x, b.y);
      }
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }

  /** Lines end at the rim of the sheet, and are cut into pieces that are seen or hidden. @type {Overlay["extend"]} */
  extend(series, from, to) {
    const { sheet } = this, { trail } = series, lift = this.top * LIFT;
    this.#heights(series);
    const { kept, keptCount } = /** @type {SceneSeries} */ (series);
    let a = this.from, b = this.to, next = countUpTo(kept, keptCount, from - 1); // the first row to add
    if (next > 0) this.#placeRow(series, kept[next - 1], a);
    for (; next < keptCount && kept[next] < to; next++) {
      const row = kept[next];
      this.#placeRow(series, row, b);
      const part = row === 0 ? (b.inside ? [1, 1] : null)
        : a.inside && b.inside ? [0, 1] : clip(a.x, a.y, b.x, b.y, sheet);
      if (part) {
        const isStart = row === 0 || part[0] > 0 || !trail.size;
        if (isStart) this.#addVertex(trail, row === 0 ? b : a, b, part[0], row - 1, lift, true);
        if (row > 0) this.#addPieces(trail, a, b, part, row, lift);
      }
      [a, b] = [b, a];
    }
  }

  /**
   * @param {Trail} trail @param {Placed} a @param {Placed} b @param {number[]} part @param {number} row
   * @param {number} lift
   */
  #addPieces(trail, a, b, [from, to], row, lift) {
    const { x, y } = this.projection.project(
      a.x + to * (b.x - a.x), a.y + to * (b.y - a.y), a.z + to * (b.z - a.z) + lift, this.spot);
    const n = trail.size - 1;
    const far = Math.hypot(x - trail.x[n], y - trail.y[n]);
    if (far < TOO_NEAR) return; // before asking what hides it: most points of a settled run
    const pieces = far > PIECE ? Math.min(40, Math.ceil(far / PIECE)) : 1;
    for (let i = 1; i <= pieces; i++) {
      this.#addVertex(trail, a, b, from + ((to - from) * i) / pieces, row - 1 + i / pieces, lift, false);
    }
  }

  /**
   * @param {Trail} trail @param {Placed} a @param {Placed} b @param {number} t @param {number} row
   * @param {number} lift @param {boolean} isMove
   */
  #addVertex(trail, a, b, t, row, lift, isMove) {
    const { x, y, by } = this.#project(
      a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), a.z + t * (b.z - a.z) + lift);
    if (x === x) trail.add(x, y, Math.max(0, row), isMove ? MOVE : by);
  }

  /** @type {Overlay["drawUnderHeads"]} */
  drawUnderHeads(ctx, { theme, row }) {
    if (this.meta.free) this.#drawStems(ctx, theme, row);
  }

  /** @type {Overlay["drawUnder"]} */
  drawUnder(ctx, { theme }) {
    const { minima, sheet, projection } = this, lift = this.top * LIFT, out = { x: NaN, y: NaN };
    drawLying(ctx, minima.filter(({ x, y }) => sheet.contains(x, y)), {
      sheet, lift, project: (x, y, z) => projection.project(x, y, z, out),
      place: ({ x, y, loss }) => this.#project(x, y, this.#height(x, y, loss) + lift),
    }, theme);
  }
}
