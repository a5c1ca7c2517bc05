/**
 * What map, 3D scene and curves have in common: paths that grow with the clock, drawn once
 * and kept; heads drawn every frame; everything again only when the view or the data change.
 *
 * A view says where a point is (`locate`) and when its projection moved (`sync`).
 */

import * as answer from "../core/answer.mjs";
import { answerLines, pointLines } from "./describe.mjs";
import * as paint from "./paint.mjs";
import { LAYERS, Stack } from "./stack.mjs";
import { SEEN, Trail } from "./trail.mjs";

/**
 * @typedef {{x: number, y: number, by: number}} Spot a place in CSS px; by: SEEN, HIDDEN or MOVE
 *   (a beginning). `x` is NaN when there is nothing to show.
 * @typedef {{run: number, lane: number, trail: Trail, dot: {step: number, x: number, y: number},
 *   isAnswer: boolean, dashed: number}} Series
 *   a path, or the answer beside it; its last step dot; how far its dashes have come in px
 * @typedef {object} Frame
 * @property {import("../core/store.mjs").RunStore|null} store
 * @property {number} row fractional row of the clock
 * @property {boolean} resting paused: the rest of each run shows
 * @property {import("../core/theme.mjs").Theme} theme
 * @property {number} themeVersion
 * @property {number} dotEvery steps between two dots on a line
 *
 * @typedef {{line: number, halo: number, future: number, head: number, dots: boolean, answers?: boolean}} Weights
 *   in CSS px
 */

/** @returns {Series} @param {number} run @param {number} lane */
export const newSeries = (run, lane, isAnswer = false) =>
  ({ run, lane, trail: new Trail(), dot: { step: 0, x: NaN, y: NaN }, isAnswer, dashed: 0 });

export class Overlay {
  /**
   * @param {string} stageId
   * @param {string} graphId
   * @param {Weights} weights
   */
  constructor(stageId, graphId, weights) {
    this.stageId = stageId;
    this.graphId = graphId;
    this.weights = weights;
    /** @type {Stack|null} */
    this.stack = null;
    /** @type {PlotlyGraph|null} */
    this.graph = null;
    /** @type {Series[]} */
    this.series = [];
    /** @type {Series[]} */
    this.answers = [];
    /** @type {import("../core/store.mjs").RunStore|null} */
    this.store = null;
    this.spot = { x: NaN, y: NaN, by: SEEN };
    this.last = { row: -1, received: -1, resting: false, theme: -1 };
    this.plot = { left: 0, top: 0, width: 0, height: 0 };
    this.dirty = true;
    this.isGone = false; // the projection cannot be read
  }

  /** Whether it has drawn and still can: places can be asked for. */
  get isDrawn() {
    return !this.dirty;
  }

  /** Find stage and graph; they may be mounted late, or anew. @returns {boolean} */
  attach() {
    if (!this.stack?.stage.isConnected) {
      const stage = document.getElementById(this.stageId);
      if (!stage) return false;
      this.stack = new Stack(stage);
    }
    if (!this.graph?.isConnected || !this.graph._fullLayout) {
      const { graphId: id } = this;
      this.graph = document.querySelector(`#${id} .js-plotly-plot, #${id}.js-plotly-plot`);
      this.dirty = true;
    }
    return Boolean(this.graph?._fullLayout);
  }

  /** Take over the projection. @param {Frame} frame @returns {"gone"|"same"|"moved"} */
  sync(frame) { // eslint-disable-line no-unused-vars
    return "gone";
  }

  /**
   * Where a row of a series is; the object is reused by the next call.
   * @param {Series} series @param {number} row may lie between two @param {boolean} isHead
   * @returns {Spot}
   */
  locate(series, row, isHead) { // eslint-disable-line no-unused-vars
    return this.spot;
  }

  /**
   * Add the rows from..to (exclusive) of the store to a trail.
   * @param {Series} series @param {number} from @param {number} to
   */
  extend(series, from, to) {
    for (let row = from; row < to; row++) {
      const { x, y, by } = this.locate(series, row, false);
      if (x === x) series.trail.add(x, y, row, by);
    }
  }

  /** Which paths there are. @param {import("../core/store.mjs").RunStore} store @returns {Series[]} */
  listSeries(store) {
    const list = [];
    for (let run = 0; run < store.runs; run++) {
      for (let lane = 0; lane < store.lanes; lane++) list.push(newSeries(run, lane));
    }
    return list;
  }

  /**
   * The answers beside the paths, of the runs that have one.
   * @param {import("../core/store.mjs").RunStore} store @returns {Series[]}
   */
  listAnswers(store) {
    if (!this.weights.answers || this.crowded) return [];
    return this.series.filter(({ run }) => store.xEval[run]).map(({ run, lane }) => newSeries(run, lane, true));
  }

  /** The last row of a series so far; -1 when there is none. @param {Series} series */
  lastRow({ run, lane }) {
    return this.store.alive[run][lane] - 1;
  }

  /** The lines of a tooltip. @param {Series} series @param {number} row @returns {[string, string][]} */
  describe(series, row) {
    return (series.isAnswer ? answerLines : pointLines)(this.store, series, row);
  }

  /** The paths, then the answers beside them: of two at one place the path is meant. */
  get all() {
    return this.answers.length ? [...this.series, ...this.answers] : this.series;
  }

  /** Too many paths to draw: heads only. */
  get crowded() {
    return this.series.length > paint.MOST_TRAILS;
  }

  /** Where heads may be drawn: by default within the plot. */
  get headsBox() {
    return this.plot;
  }

  /** Layout images under Plotly's traces, for exports. @returns {object[]} @param {number} _scale px a CSS px */
  images(_scale) { return []; }

  /** What lies under the runs. @param {CanvasRenderingContext2D} ctx @param {Frame} frame */
  drawUnder(ctx, frame) {} // eslint-disable-line no-unused-vars

  /** Marks above the lines and under the heads. @param {CanvasRenderingContext2D} ctx @param {Frame} frame */
  drawUnderHeads(ctx, frame) {} // eslint-disable-line no-unused-vars

  /** Draw what has changed. @param {Frame} frame @returns {boolean} whether anything was drawn */
  draw(frame) {
    if (!this.attach()) return false;
    if (this.stack.fit()) this.dirty = true;
    if (!this.stack.isWanted(frame.resting)) {
      this.dirty = true;
      return false;
    }
    const moved = this.sync(frame);
    this.isGone = moved === "gone";
    if (this.isGone) {
      if (!this.dirty) for (const name of LAYERS) this.stack.clear(name);
      this.dirty = true;
      return false;
    }
    const { store, row, resting, themeVersion } = frame, { last } = this;
    const received = store?.received ?? 0;
    const isNew = this.dirty || moved === "moved" || store !== this.store || themeVersion !== last.theme;
    const rests = resting !== last.resting, grew = received !== last.received;
    if (!isNew && !grew && !rests && row === last.row) return false;
    if (store !== this.store) {
      this.store = store;
      this.series = store ? this.listSeries(store) : [];
      this.answers = store ? this.listAnswers(store) : [];
    }
    if (isNew) for (const { trail } of this.all) trail.clear();
    this.#extendAll(received);
    if (isNew || rests || grew) this.#drawUnder(frame);
    if (isNew || Math.floor(row) < Math.floor(last.row)) this.#wipePast();
    this.#drawPast(frame);
    this.#drawHeads(frame);
    this.last = { row, received, resting, theme: themeVersion };
    this.dirty = false;
    return true;
  }

  /** @param {number} received */
  #extendAll(received) {
    if (this.crowded) return;
    for (const series of this.all) {
      const to = Math.min(received, this.lastRow(series) + 1);
      if (to <= series.trail.rows) continue;
      this.extend(series, series.trail.rows, to);
      series.trail.rows = to;
    }
  }

  /** @param {Frame} frame */
  #drawUnder(frame) {
    const { stack } = this;
    stack.clear("under");
    const ctx = stack.pen("under", this.plot);
    if (frame.resting && !this.crowded) paint.future(ctx, this, frame.theme);
    ctx.restore();
    const whole = stack.pen("under", { left: 0, top: 0, width: stack.width, height: stack.height });
    this.drawUnder(whole, frame);
    whole.restore();
  }

  #wipePast() {
    this.stack.clear("past");
    for (const series of this.all) {
      series.trail.painted = series.dashed = 0;
      Object.assign(series.dot, { step: 0, x: NaN, y: NaN });
    }
  }

  /** @param {Frame} frame */
  #drawPast({ row, theme, dotEvery }) {
    if (this.crowded || !this.store) return;
    const ctx = this.stack.pen("past", this.plot);
    paint.past(ctx, this, row, theme);
    answer.past(ctx, this, row, theme);
    if (this.weights.dots && this.series.length <= paint.FEW) paint.dots(ctx, this, row, theme, dotEvery);
    ctx.restore();
  }

  /** @param {Frame} frame */
  #drawHeads(frame) {
    const { store, row, theme } = frame;
    this.stack.clear("heads");
    const ctx = this.stack.pen("heads", this.headsBox);
    if (store?.received && !this.crowded) paint.tips(ctx, this, row, theme);
    this.drawUnderHeads(ctx, frame);
    if (store?.received) answer.heads(ctx, this, row, theme);
    if (store?.received) paint.heads(ctx, this, row, theme);
    ctx.restore();
  }
}
