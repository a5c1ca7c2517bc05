/** The overlay of the curves: loss, gradient norm or learning rate against the step. */

import { linearAxis, logAxis, pushApart, rateAxis, stepTicks } from "./axes.mjs";
import { medianLines, pointLines } from "./describe.mjs";
import { newSeries, Overlay } from "./overlay.mjs";
import { readProjection2d, toPixel } from "./projection2d.mjs";
import { MOVE, SEEN } from "./trail.mjs";
import { Values } from "./values.mjs";

const OFF = 40; // px beyond the plot at which values off the scale are drawn (and cut off)
const LINE_HEIGHT = 16;

export class CurvesOverlay extends Overlay {
  constructor() {
    super("curves-stage", "curves", { line: 2, halo: 4, future: 1.5, head: 11, dots: false });
    this.kind = "loss";
    this.best = 0;
    this.projection = null;
    /** @type {Values|null} */
    this.values = null;
    this.axis = null;
  }

  /** @param {"loss"|"gradient"|"lr"} kind */
  show(kind) {
    this.kind = kind;
    this.values = null;
  }

  get isPerLane() {
    return this.values?.perLane;
  }

  describe(series, row) {
    return this.values.perLane ? pointLines(this.store, series, row) : medianLines(this.values, series, row);
  }

  get crowded() {
    return false;
  }

  listSeries(store) {
    const lanes = this.values?.perLane ? store.lanes : 1;
    return Array.from({ length: store.runs * lanes }, (_, i) => newSeries(Math.floor(i / lanes), i % lanes));
  }

  /** With many starts a run's line is the median, which lasts as long as any of them. */
  lastRow({ run, lane }) {
    const { alive } = this.store;
    if (this.values.perLane) return alive[run][lane] - 1;
    return this.kind === "lr" ? this.store.received - 1 : alive[run].reduce((a, b) => Math.max(a, b)) - 1;
  }

  sync({ store }) {
    if (store && (store !== this.values?.store || this.values.kind !== this.kind || this.values.best !== this.best)) {
      this.values = new Values(store, this.kind, this.best);
      this.values.best = this.best;
      this.store = null; // makes draw() list the series again
    }
    if (this.values && store && this.values.rows < store.received) this.values.update();
    if (this.values?.rows) this.#fitAxes(store);
    const now = readProjection2d(this.graph);
    if (!now) return "gone";
    const moved = now.key !== this.projection?.key;
    this.projection = now;
    this.plot = { left: now.x.offset, top: now.y.offset, width: now.x.length, height: now.y.length };
    return moved ? "moved" : "same";
  }

  /** Ask Plotly for other axes only when they differ: it costs tens of milliseconds. */
  #fitAxes(store) {
    const { low, high, kind } = this.values;
    const y = kind === "lr" ? rateAxis(low, high) : high > 0 ? logAxis(low, high) : linearAxis(high);
    const wanted = JSON.stringify([store.steps, y]);
    const isSame = wanted === this.axis?.wanted;
    if (isSame && (this.axis.isAsked || this.graph.layout.yaxis?.tickvals === this.axis.tickvals)) return;
    const isDue = store.trailer || isSame || !this.#fits(store, y);
    if (!isDue) return; // shrinks when the whole run is there, grows at once
    this.axis = { wanted, y, steps: store.steps, tickvals: null, isAsked: true };
    const { graph, axis } = this;
    // After this frame: the first points of a new race must not wait for it.
    setTimeout(() => {
      axis.isAsked = false;
      if (axis !== this.axis || graph !== this.graph || !graph.isConnected) return;
      globalThis.Plotly.relayout(graph, {
        "xaxis.range": [0, axis.steps],
        "xaxis.tick0": 0,
        "xaxis.dtick": stepTicks(axis.steps),
        "yaxis.type": y.type,
        "yaxis.range": y.range,
        "yaxis.autorange": false,
        "yaxis.tickmode": "array",
        "yaxis.tickvals": y.tickvals,
        "yaxis.ticktext": y.ticktext,
      });
      axis.tickvals = graph.layout.yaxis.tickvals;
    });
  }

  /** Does the present axis hold all that the wanted one would? */
  #fits(store, y) {
    const now = this.axis;
    return now && now.steps === store.steps && now.y.type === y.type
      && now.y.range[0] <= y.range[0] && now.y.range[1] >= y.range[1];
  }

  #pixelY(value) {
    const { top, height } = this.plot;
    const y = toPixel(this.projection.y, value > 0 || !this.projection.y.log ? value : 0);
    return Math.max(top - OFF, Math.min(top + height + OFF, y));
  }

  locate(series, row) {
    const { spot, store } = this;
    const inside = Math.min(row, this.lastRow(series)), i = Math.floor(inside), part = inside - i;
    spot.x = NaN;
    const value = i < 0 ? NaN : this.values.at(series, i);
    if (value !== value) return spot;
    const step = store.stepOf(i);
    spot.x = toPixel(this.projection.x, step);
    spot.y = this.#pixelY(value);
    if (part > 0) {
      spot.x += part * (toPixel(this.projection.x, store.stepOf(i + 1)) - spot.x);
      spot.y += part * (this.#pixelY(this.values.at(series, i + 1)) - spot.y);
    }
    spot.by = row === 0 ? MOVE : SEEN;
    return spot;
  }

  /** The clock: a thin line, below the heads. */
  drawUnderHeads(ctx, { store, theme }) {
    if (!store?.received || !this.clockStep) return;
    const x = Math.round(toPixel(this.projection.x, this.clockStep)) + 0.5;
    ctx.fillStyle = theme.edge;
    ctx.fillRect(x - 0.5, this.plot.top, 1, this.plot.height);
  }

  /** Names at the ends of the lines, pushed apart; an arrow when the end is off the scale. */
  drawUnder(ctx, { store, theme }) {
    if (!store?.received) return;
    const { left, top, width, height } = this.plot, gap = LINE_HEIGHT * theme.textScale;
    const ends = [];
    for (const { run, y, out } of this.#ends(top, top + height)) ends.push({ run, y, out });
    const places = pushApart(ends.map((e) => e.y), gap, top + 4, top + height - 2);
    ctx.font = `600 ${12 * theme.textScale}px ${theme.font}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ends.forEach(({ run, out }, i) => {
      ctx.fillStyle = theme.runs[run];
      const room = this.stack.width - left - width - 10;
      ctx.fillText(shorten(ctx, store.header.runs[run].label, out, room), left + width + 10, places[i]);
    });
  }

  *#ends(top, bottom) {
    for (let run = 0; run < this.store.runs; run++) {
      const series = this.series.find((s) => s.run === run);
      const last = this.lastRow(series);
      const { x, y } = this.locate(series, last);
      if (x !== x) continue;
      const out = y > bottom ? " ↓" : y < top ? " ↑" : "";
      yield { run, y: Math.max(top, Math.min(bottom, y)), out };
    }
  }
}

/** Cut a name to the room there is, keeping the arrow. */
function shorten(ctx, name, out, room) {
  let text = name;
  while (text.length > 3 && ctx.measureText(text + out).width > room) text = text.slice(0, -2) + "…";
  return text + out;
}
