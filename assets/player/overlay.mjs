/**
 * What map, 3D scene and curves have in common: paths that grow with the clock, drawn once
 * and kept; heads drawn every frame; everything again only when the view or the data change.
 *
 * A view says where a point is (`locate`) and when its projection moved (`sync`).
 */

import { pointLines } from "./describe.mjs";
import { head, symbolOf } from "./draw.mjs";
import { Stack } from "./stack.mjs";
import { HIDDEN, SEEN, Trail } from "./trail.mjs";

export const MOST_TRAILS = 64; // with more starts only heads are drawn
const FEW = 12; // up to so many paths they are drawn at full weight
const HIDDEN_ALPHA = 0.3;
const DOT_GAP = 7; // px between two step dots, or they melt together
const DASH = [2, 3];

/**
 * @typedef {{x: number, y: number, by: number}} Spot a place in CSS px; by: SEEN, HIDDEN or MOVE
 *   (nowhere). `x` is NaN when there is nothing to show.
 * @typedef {{run: number, lane: number, trail: Trail, dot: number[]}} Series
 * @typedef {object} Frame
 * @property {import("./store.mjs").RunStore|null} store
 * @property {number} row fractional row of the clock
 * @property {boolean} resting paused: the rest of each run shows
 * @property {import("./theme.mjs").Theme} theme
 * @property {number} dotEvery steps between two dots on a line
 * @property {number} themeVersion
 */

export class Overlay {
  /**
   * @param {string} stageId
   * @param {string} graphId
   * @param {{line: number, halo: number, future: number, head: number, dots: boolean}} weights in CSS px
   */
  constructor(stageId, graphId, weights) {
    [this.stageId, this.graphId, this.weights] = [stageId, graphId, weights];
    this.stack = null;
    this.graph = null;
    /** @type {Series[]} */
    this.series = [];
    this.store = null;
    this.spot = { x: NaN, y: NaN, by: SEEN };
    this.last = { row: -1, received: -1, resting: false, theme: -1 };
    this.plot = { left: 0, top: 0, width: 0, height: 0 };
    this.dirty = true;
    this.isGone = false; // the projection cannot be read
  }

  /** Find stage and graph; they may be mounted late, or anew. @returns {boolean} */
  attach() {
    if (!this.stack?.stage.isConnected) {
      const stage = document.getElementById(this.stageId);
      if (!stage) return false;
      this.stack = new Stack(stage);
    }
    if (!this.graph?.isConnected || !this.graph._fullLayout) {
      this.graph = document.querySelector(`#${this.graphId} .js-plotly-plot, #${this.graphId}.js-plotly-plot`);
      this.dirty = true;
    }
    return Boolean(this.graph?._fullLayout);
  }

  /** Take over the projection. @returns {"gone"|"same"|"moved"} */
  sync() {
    return "gone";
  }

  /** Where a row (maybe fractional) of a series is. @param {Series} series @returns {Spot} */
  locate(series, row, isHead) { // eslint-disable-line no-unused-vars
    return this.spot;
  }

  /** Add the rows from..to of the store to a trail. @param {Series} series */
  extend(series, from, to) {
    for (let row = from; row < to; row++) {
      const { x, y, by } = this.locate(series, row, false);
      if (x === x) series.trail.add(x, y, row, by);
    }
  }

  /** Which paths there are. @returns {Series[]} */
  listSeries(store) {
    const list = [];
    for (let run = 0; run < store.runs; run++) {
      for (let lane = 0; lane < store.lanes; lane++) list.push(newSeries(run, lane));
    }
    return list;
  }

  /** The last row of a series that exists so far. */
  lastRow({ run, lane }) {
    return this.store.alive[run][lane] - 1;
  }

  /** The lines of a tooltip. @param {Series} series @param {number} row @returns {[string, string][]} */
  describe(series, row) {
    return pointLines(this.store, series, row);
  }

  get crowded() {
    return this.series.length > MOST_TRAILS;
  }

  /** Thinner with many paths. */
  size(name, theme) {
    const slim = this.series.length > FEW ? (name === "head" ? 0.62 : 0.6) : 1;
    return this.weights[name] * theme.scale * (this.crowded && name === "head" ? 0.42 : slim);
  }

  /** Draw what has changed. @param {Frame} frame @returns {boolean} whether anything was drawn */
  draw(frame) {
    if (!this.attach()) return false;
    if (this.stack.fit()) this.dirty = true;
    if (!this.stack.visible) {
      this.dirty = true;
      return false;
    }
    const moved = this.sync(frame);
    this.isGone = moved === "gone";
    if (this.isGone) return false;
    const { store, row, resting } = frame;
    const received = store?.received ?? 0;
    const anew = this.dirty || moved === "moved" || store !== this.store
      || frame.themeVersion !== this.last.theme;
    const arrived = received !== this.last.received;
    const back = Math.floor(row) < Math.floor(this.last.row);
    if (!anew && !arrived && row === this.last.row && resting === this.last.resting) return false;
    if (store !== this.store) {
      this.store = store;
      this.series = store ? this.listSeries(store) : [];
    }
    if (anew) for (const { trail } of this.series) trail.clear();
    this.#extendAll(received);
    if (anew || arrived || resting !== this.last.resting) this.#drawUnder(frame);
    if (anew || back) this.#wipePast();
    this.#drawPast(frame);
    this.#drawHeads(frame);
    this.last = { row, received, resting, theme: frame.themeVersion };
    this.dirty = false;
    return true;
  }

  #extendAll(received) {
    if (this.crowded) return;
    for (const series of this.series) {
      const to = Math.min(received, this.lastRow(series) + 1);
      if (to <= series.trail.rows) continue;
      this.extend(series, series.trail.rows, to);
      series.trail.rows = to;
    }
  }

  /** What lies under the runs; views add to it. @param {CanvasRenderingContext2D} ctx */
  drawUnder(ctx, frame) {} // eslint-disable-line no-unused-vars

  /** Marks above the lines and under the heads. */
  drawUnderHeads(ctx, frame) {} // eslint-disable-line no-unused-vars

  #drawUnder(frame) {
    this.stack.clear("under");
    const ctx = this.stack.pen("under", this.plot);
    if (frame.resting && !this.crowded) {
      ctx.lineWidth = this.size("future", frame.theme);
      ctx.setLineDash(DASH);
      ctx.globalAlpha = 0.85;
      this.#eachRun((run, list) => {
        ctx.beginPath();
        for (const { trail } of list) trail.trace(0, trail.size, ctx, null);
        ctx.strokeStyle = frame.theme.runs[run];
        ctx.stroke();
      });
      ctx.setLineDash([]);
      ctx.globalAlpha = 1;
    }
    ctx.restore();
    const whole = this.stack.pen("under", { left: 0, top: 0, width: this.stack.width, height: this.stack.height });
    this.drawUnder(whole, frame);
    whole.restore();
  }

  #wipePast() {
    for (const name of ["halo", "line", "dots"]) this.stack.clear(name);
    for (const series of this.series) {
      series.trail.painted = 0;
      series.dot = [0, NaN, NaN];
    }
  }

  /** Calls back once a run, with its series. */
  #eachRun(call) {
    for (let i = 0; i < this.series.length;) {
      let j = i;
      while (j < this.series.length && this.series[j].run === this.series[i].run) j++;
      call(this.series[i].run, this.series.slice(i, j));
      i = j;
    }
  }

  #drawPast({ row, theme, dotEvery }) {
    if (this.crowded) return;
    const halo = this.stack.pen("halo", this.plot), line = this.stack.pen("line", this.plot);
    for (const ctx of [halo, line]) ctx.lineCap = ctx.lineJoin = "round";
    this.#eachRun((run, list) => {
      const seen = new Path2D(), hidden = new Path2D();
      let any = false;
      for (const { trail } of list) {
        const to = trail.upTo(Math.floor(row + 1e-6));
        if (to <= trail.painted) continue;
        trail.trace(trail.painted, to, seen, hidden);
        trail.painted = to;
        any = true;
      }
      if (any) this.#stroke(halo, line, seen, hidden, theme.runs[run], theme);
    });
    halo.restore();
    line.restore();
    if (this.weights.dots && this.series.length <= FEW) this.#drawDots(row, theme, dotEvery);
  }

  /** Halo and line of a path; what the hill hides is dimmed and has no halo. */
  #stroke(halo, line, seen, hidden, colour, theme) {
    halo.lineWidth = this.size("halo", theme);
    halo.strokeStyle = theme.halo;
    halo.stroke(seen);
    line.lineWidth = this.size("line", theme);
    line.strokeStyle = colour;
    line.stroke(seen);
    halo.globalAlpha = HIDDEN_ALPHA;
    halo.lineWidth = this.size("line", theme);
    halo.strokeStyle = colour;
    halo.stroke(hidden);
    halo.globalAlpha = 1;
  }

  #drawDots(row, theme, every) {
    const ctx = this.stack.pen("dots", this.plot);
    ctx.fillStyle = theme.paper;
    ctx.lineWidth = 1.5 * theme.scale;
    for (const series of this.series) {
      const to = Math.min(Math.floor(row + 1e-6), this.lastRow(series));
      ctx.beginPath();
      for (let step = series.dot[0] + every; this.store.rowAt(step) <= to; step += every) {
        series.dot[0] = step;
        if (step > this.store.steps) break;
        const { x, y, by } = this.locate(series, this.store.rowAt(step), false);
        if (by !== SEEN || Math.hypot(x - series.dot[1], y - series.dot[2]) < DOT_GAP) continue;
        [series.dot[1], series.dot[2]] = [x, y];
        ctx.moveTo(x + 3 * theme.scale, y);
        ctx.arc(x, y, 3 * theme.scale, 0, 7);
      }
      ctx.strokeStyle = theme.runs[series.run];
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  }

  #drawHeads(frame) {
    const { theme, store, row } = frame;
    this.stack.clear("heads");
    const ctx = this.stack.pen("heads", this.plot);
    if (store?.received && !this.crowded) this.#drawTips(ctx, row, theme);
    this.drawUnderHeads(ctx, frame);
    if (store?.received) {
      if (this.crowded) this.#drawCrowd(ctx, row, theme);
      else for (const series of this.series) this.#drawHead(ctx, series, row, theme);
    }
    ctx.restore();
  }

  /** The last bit of each line, from its last whole vertex to the head between two steps. */
  #drawTips(ctx, row, theme) {
    ctx.lineCap = "round";
    for (const pass of ["halo", "line"]) {
      ctx.lineWidth = this.size(pass, theme);
      for (const series of this.series) {
        const { run, trail } = series, n = trail.painted - 1;
        if (n < 0 || row <= trail.row[n]) continue;
        const { x, y, by } = this.locate(series, row, false);
        if (x !== x || (pass === "halo" && by !== SEEN)) continue;
        ctx.globalAlpha = by === HIDDEN ? HIDDEN_ALPHA : 1;
        ctx.strokeStyle = pass === "halo" ? theme.halo : theme.runs[run];
        ctx.beginPath();
        ctx.moveTo(trail.x[n], trail.y[n]);
        ctx.lineTo(x, y);
        ctx.stroke();
      }
    }
    ctx.globalAlpha = 1;
  }

  #drawHead(ctx, series, row, theme) {
    const { x, y, by } = this.locate(series, row, true);
    if (x !== x) return;
    ctx.globalAlpha = by === HIDDEN ? HIDDEN_ALPHA : 1;
    const size = this.size("head", theme), edge = (this.series.length > FEW ? 1 : 1.75) * theme.scale;
    const colour = theme.runs[series.run];
    head(ctx, { symbol: symbolOf(series.run), x, y, size, colour, paper: theme.paper, edge });
    ctx.globalAlpha = 1;
  }

  /** Thousands of heads: little squares, one fill a run. */
  #drawCrowd(ctx, row, theme) {
    const size = Math.max(2, this.size("head", theme) * 0.7), half = size / 2;
    this.#eachRun((run, list) => {
      ctx.fillStyle = theme.runs[run];
      for (const wanted of [SEEN, HIDDEN]) {
        ctx.globalAlpha = wanted === HIDDEN ? HIDDEN_ALPHA : 0.85;
        ctx.beginPath();
        for (const series of list) {
          if (row > this.lastRow(series)) continue;
          const { x, y, by } = this.locate(series, row, true);
          if (by === wanted && x === x) ctx.rect(x - half, y - half, size, size);
        }
        ctx.fill();
      }
    });
    ctx.globalAlpha = 1;
  }
}

/** @returns {Series} */
export const newSeries = (run, lane) => ({ run, lane, trail: new Trail(), dot: [0, NaN, NaN] });
