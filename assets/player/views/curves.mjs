/** The overlay of the curves: loss, gradient norm or learning rate against the step. */

import { pushApart } from "./axes.mjs";
import { drawBands } from "./bands.mjs";
import { CurvesAxes } from "./curves_axes.mjs";
import { medianLines, pointLines } from "./describe.mjs";
import { newSeries, Overlay } from "./overlay.mjs";
import { readProjection2d, toPixel } from "./projection2d.mjs";
import { MOVE, SEEN } from "./trail.mjs";
import { Values } from "../core/values.mjs";

/**
 * @typedef {import("../core/store.mjs").RunStore} RunStore
 * @typedef {import("../core/theme.mjs").Theme} Theme
 */

const OFF = 40; // px beyond the plot at which values off the scale are drawn (and cut off)
const LINE_HEIGHT = 16;
const HEAD_ROOM = 9; // px
const NAME_GAP = 10; // px from the end of the lines to the names
const LEAST_MARGIN = 72, MOST_MARGIN = 0.35; // px; share of the graph's width

/** @param {Theme} theme */
const nameFont = (theme) => `600 ${12 * theme.textScale}px ${theme.font}`;

export class CurvesOverlay extends Overlay {
  constructor() {
    super("curves-stage", "curves", { line: 2, halo: 4, future: 1.5, head: 11, dots: false });
    /** @type {import("../core/values.mjs").Kind} */
    this.kind = "loss";
    this.best = 0;
    this.highest = -Infinity; // loss in view, where a map shows it
    this.clockStep = 0;
    /** @type {import("./projection2d.mjs").Projection2d|null} */
    this.projection = null;
    /** @type {Values|null} */
    this.values = null;
    this.axes = new CurvesAxes();
    this.margin = { key: "", px: LEAST_MARGIN };
  }

  /** @param {import("../core/values.mjs").Kind} kind */
  show(kind) {
    this.kind = kind;
    this.values = null;
  }

  /** Heads at the very first and last step show whole. */
  get headsBox() {
    const { left, top, width, height } = this.plot, room = HEAD_ROOM;
    return { left: left - room, top: top - room, width: width + 2 * room, height: height + room };
  }

  get isPerLane() {
    return this.values?.perLane;
  }

  /** @type {Overlay["describe"]} */
  describe(series, row) {
    return this.values.perLane ? pointLines(this.store, series, row) : medianLines(this.values, series, row);
  }

  get crowded() {
    return false;
  }

  /** @type {Overlay["listSeries"]} */
  listSeries(store) {
    const lanes = this.values?.perLane ? store.lanes : 1;
    return Array.from({ length: store.runs * lanes }, (_, i) => newSeries(Math.floor(i / lanes), i % lanes));
  }

  /** With many starts a run's line is the median, which lasts as long as any of them. @type {Overlay["lastRow"]} */
  lastRow({ run, lane }) {
    const { alive } = this.store;
    if (this.values.perLane) return alive[run][lane] - 1;
    return this.kind === "lr" ? this.store.received - 1 : alive[run].reduce((a, b) => Math.max(a, b)) - 1;
  }

  /** @type {Overlay["sync"]} */
  sync({ store, theme }) {
    const { kind, best, highest } = this;
    if (store && !this.values?.isOf(store, kind, best, highest)) {
      this.values = new Values(store, kind, best, highest);
      this.store = null; // makes draw() list the series again
    }
    if (this.values && store && this.values.rows < store.received) this.values.update();
    if (this.values?.rows && store) {
      this.axes.fit(this.graph, this.values, this.#margin(store, theme), theme.textScale);
    }
    const now = readProjection2d(this.graph);
    if (!now) return "gone";
    const moved = now.key !== this.projection?.key;
    this.projection = now;
    this.plot = { left: now.x.offset, top: now.y.offset, width: now.x.length, height: now.y.length };
    return moved ? "moved" : "same";
  }

  /**
   * Room for the longest name and an arrow, but never more than a share of the graph.
   * @param {RunStore} store @param {Theme} theme
   */
  #margin({ header }, theme) {
    const key = `${header.runs.map((run) => run.label)}|${theme.font}|${theme.textScale}|${this.stack.width}`;
    if (key !== this.margin.key) {
      const ctx = this.stack.layers.under;
      ctx.font = nameFont(theme);
      const widest = Math.max(...header.runs.map((run) => ctx.measureText(`${run.label} ↓`).width));
      const most = MOST_MARGIN * this.stack.width;
      this.margin = { key, px: Math.round(Math.min(most, Math.max(LEAST_MARGIN, widest + NAME_GAP + 4))) };
    }
    return this.margin.px;
  }

  /** @param {number} value */
  pixelY(value) {
    const { top, height } = this.plot;
    const y = toPixel(this.projection.y, value > 0 || !this.projection.y.log ? value : 0);
    return Math.max(top - OFF, Math.min(top + height + OFF, y));
  }

  /** @type {Overlay["locate"]} */
  locate(series, row) {
    const { spot, store } = this;
    const inside = Math.min(row, this.lastRow(series)), i = Math.floor(inside), part = inside - i;
    spot.x = NaN;
    const value = i < 0 ? NaN : this.values.at(series, i);
    if (value !== value) return spot;
    const step = store.stepOf(i);
    spot.x = toPixel(this.projection.x, step);
    spot.y = this.pixelY(value);
    if (part > 0) {
      spot.x += part * (toPixel(this.projection.x, store.stepOf(i + 1)) - spot.x);
      spot.y += part * (this.pixelY(this.values.at(series, i + 1)) - spot.y);
    }
    spot.by = row === 0 ? MOVE : SEEN;
    return spot;
  }

  /** The bands, and the clock: a thin line, below the heads. @type {Overlay["drawUnderHeads"]} */
  drawUnderHeads(ctx, { store, theme, row }) {
    if (store?.received && this.values.quartiles) drawBands(ctx, this, row, theme);
    if (!store?.received || !this.clockStep) return;
    const x = Math.round(toPixel(this.projection.x, this.clockStep)) + 0.5;
    ctx.fillStyle = theme.edge;
    ctx.fillRect(x - 0.5, this.plot.top, 1, this.plot.height);
  }

  /** @type {Overlay["drawUnder"]} */
  drawUnder(ctx, { store, theme }) {
    if (!store?.received) return;
    ctx.font = nameFont(theme);
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    for (const { run, text, x, y } of this.names(ctx, theme)) {
      ctx.fillStyle = theme.runs[run];
      ctx.fillText(text, x, y);
    }
  }

  /**
   * Names at the ends of the lines, pushed apart; an arrow when the end is off the scale.
   * @param {CanvasRenderingContext2D} ctx with the names' font
   * @returns {{run: number, text: string, x: number, y: number}[]} in CSS px of the stage
   * @param {Theme} theme
   */
  names(ctx, theme) {
    const { left, top, width, height } = this.plot, gap = LINE_HEIGHT * theme.textScale;
    /** @type {{run: number, y: number, out: string}[]} */
    const ends = [];
    for (const { run, y, out } of this.#ends(top, top + height)) ends.push({ run, y, out });
    const places = pushApart(ends.map((e) => e.y), gap, top + 4, top + height - 2);
    const x = left + width + NAME_GAP, { runs } = this.store.header;
    return ends.map(({ run, out }, i) =>
      ({ run, text: shorten(ctx, runs[run].label, out, this.stack.width - x), x, y: places[i] }));
  }

  /** @param {number} top @param {number} bottom */
  *#ends(top, bottom) {
    for (let run = 0; run < this.store.runs; run++) {
      const series = this.series.find((s) => s.run === run);
      const last = this.lastRow(series);
      const { x, y } = this.locate(series, last, true);
      if (x !== x) continue;
      const out = y > bottom ? " ↓" : y < top ? " ↑" : "";
      yield { run, y: Math.max(top, Math.min(bottom, y)), out };
    }
  }
}

/**
 * Cut a name to the room there is, keeping the arrow.
 * @param {CanvasRenderingContext2D} ctx @param {string} name @param {string} out @param {number} room
 */
export function shorten(ctx, name, out, room) {
  let text = name;
  while (text.length > 3 && ctx.measureText(text + out).width > room) text = text.slice(0, -2) + "…";
  return text + out;
}
