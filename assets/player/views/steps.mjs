/**
 * x over the step, beside the curve of one weight: x across as on the curve, time downwards. It
 * stands where the 3D view of other surfaces is, and is drawn only while the figure there asks for it.
 */

import { compact } from "../core/format.mjs";
import { stepTicks } from "./axes.mjs";
import { curveLines } from "./describe.mjs";
import { isCrowded, label, minimumSign, symbolOf } from "./draw.mjs";
import { Overlay } from "./overlay.mjs";
import { readProjection2d, toPixel } from "./projection2d.mjs";
import { MOVE, SEEN } from "./trail.mjs";

const BEYOND = 40; // px beyond the plot up to which lines are drawn (and cut off)
const AFTER_FIRST_FRAMES = 100; // ms
const SIGN = { star: 15, ring: 12, squash: 1 }; // px
const SIGN_AT = 30; // px above the foot of the plot
const BEFORE = 0.05, AFTER = 0.14; // of the steps: room above the first and below the last
const CAPTION = "x at each step", CAPTION_AT = [12, 18]; // px from the right and the top

/** The upward axis of so many steps, as Plotly's layout has it. @param {number} steps */
export function stepAxis(steps) {
  const every = stepTicks(steps), tickvals = [];
  for (let at = 0; at <= steps; at += every) tickvals.push(at);
  return {
    range: [steps * (1 + AFTER), -steps * BEFORE], tickmode: "array", tickvals,
    ticktext: tickvals.map((at, i) => (i ? "" : "step ") + at.toLocaleString("en")),
  };
}

export class StepsOverlay extends Overlay {
  constructor() {
    super("scene-stage", "scene", { line: 2, halo: 4.5, future: 1.5, head: 12, dots: false });
    /** @type {import("./projection2d.mjs").Projection2d|null} */
    this.projection = null;
    /** @type {import("../core/stream.mjs").Minimum[]} */
    this.minima = [];
    this.isAsked = false; // Plotly has been asked for other steps
  }

  /** Does the figure in its place show x over the step? */
  get isShown() {
    return this.graph?.layout?.meta?.kind === "steps";
  }

  /** @type {Overlay["sync"]} */
  sync({ store }) {
    if (!this.isShown) return "gone";
    if (store) this.#fit(store.steps);
    const now = readProjection2d(this.graph);
    if (!now) return "gone";
    const moved = now.key !== this.projection?.key;
    this.projection = now;
    this.plot = { left: now.x.offset, top: now.y.offset, width: now.x.length, height: now.y.length };
    return moved ? "moved" : "same";
  }

  /** Give the axis the steps of the race; after the first frames of a new one. @param {number} steps */
  #fit(steps) {
    const { graph } = this, axis = stepAxis(steps);
    if (this.isAsked || graph.layout.yaxis.range?.[0] === axis.range[0]) return;
    this.isAsked = true;
    setTimeout(() => {
      this.isAsked = false;
      if (!graph.isConnected || !this.isShown) return;
      globalThis.Plotly.relayout(graph, Object.fromEntries(
        Object.entries(axis).map(([name, value]) => [`yaxis.${name}`, value])));
    }, AFTER_FIRST_FRAMES);
  }

  /** @param {number} x */
  #pixelX(x) {
    const { left, width } = this.plot;
    return Math.max(left - BEYOND, Math.min(left + width + BEYOND, toPixel(this.projection.x, x)));
  }

  /** @type {Overlay["locate"]} */
  locate({ run, lane }, row) {
    const { store, spot, projection } = this, base = lane * store.rows;
    const inside = Math.min(row, store.alive[run][lane] - 1), i = Math.floor(inside), part = inside - i;
    spot.x = NaN;
    if (i < 0) return spot;
    spot.x = this.#pixelX(store.x[run][base + i]);
    spot.y = toPixel(projection.y, store.stepOf(i));
    if (part > 0) {
      spot.x += part * (this.#pixelX(store.x[run][base + i + 1]) - spot.x);
      spot.y += part * (toPixel(projection.y, store.stepOf(i + 1)) - spot.y);
    }
    spot.by = row === 0 ? MOVE : SEEN;
    return spot;
  }

  /** @type {Overlay["describe"]} */
  describe(series, row) {
    return curveLines(this.store, series, row);
  }

  /** Where the minima are, all along. @type {Overlay["drawUnder"]} */
  drawUnder(ctx, { theme }) {
    const { top, height } = this.plot, { scale, edge } = theme;
    const some = isCrowded(this.minima) ? [] : this.minima; // dozens of lines would hide the paths
    for (const lowest of some) {
      const x = this.#pixelX(lowest.x), y = top + height - SIGN_AT * scale;
      ctx.strokeStyle = edge;
      ctx.lineWidth = scale;
      ctx.setLineDash([4, 4]);
      ctx.beginPath();
      ctx.moveTo(x, top);
      ctx.lineTo(x, y);
      ctx.stroke();
      ctx.setLineDash([]);
      minimumSign(ctx, { x, y }, lowest, { ...SIGN, many: false }, theme);
    }
    const [right, below] = CAPTION_AT, { left, width } = this.plot, { ink2: ink, halo, textScale, font } = theme;
    label(ctx, CAPTION, left + width - right, top + below * textScale,
      { font: `400 ${11 * textScale}px ${font}`, ink, halo, align: "right" });
  }

  /** The clock: a thin line. @type {Overlay["drawUnderHeads"]} */
  drawUnderHeads(ctx, { store, theme, row }) {
    if (!store?.received || !row) return;
    const y = Math.round(toPixel(this.projection.y, store.stepOf(Math.floor(row)) + (row % 1) * store.stride)) + 0.5;
    ctx.fillStyle = theme.edge;
    ctx.fillRect(this.plot.left, y - 0.5, this.plot.width, 1);
  }
}

/**
 * The same as Plotly traces, for a picture.
 * @param {import("../core/store.mjs").RunStore} store @param {number} row
 * @param {import("../core/stream.mjs").Minimum[]} minima @param {import("../core/theme.mjs").Theme} theme
 * @returns {PlotlyTrace[]}
 */
export function stepTraces(store, row, minima, theme) {
  const kind = { type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false };
  const lows = (isCrowded(minima) ? [] : minima).map(({ x, loss }) => ({
    ...kind, x: [x, x], y: [0, store.steps], mode: "lines+text", text: ["", compact(loss, 3)],
    line: { color: theme.edge, width: 1, dash: "4px,4px" }, textposition: "bottom center",
    textfont: { family: theme.font, size: 12, color: theme.ink },
  }));
  const lines = store.header.runs.map((run, i) => {
    /** @type {(number|null)[]} */
    const x = [], y = [];
    for (let lane = 0; lane < store.lanes; lane++) {
      for (let at = 0; at <= Math.min(row, store.alive[i][lane] - 1); at++) {
        x.push(store.x[i][lane * store.rows + at]);
        y.push(store.stepOf(at));
      }
      x.push(null);
      y.push(null);
    }
    return { ...kind, x, y, name: run.label, line: { color: theme.runs[i], width: 2 } };
  });
  const ends = store.header.runs.map((run, i) => {
    const at = Math.min(row, store.alive[i][0] - 1);
    return {
      ...kind, mode: "markers", name: run.label, x: at < 0 ? [] : [store.x[i][at]], y: at < 0 ? [] : [store.stepOf(at)],
      marker: { symbol: symbolOf(i), size: 11, color: theme.runs[i], line: { width: 1.5, color: theme.paper } },
    };
  });
  return [...lows, ...lines, ...(store.lanes === 1 ? ends : [])];
}
