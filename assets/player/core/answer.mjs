/**
 * The answer of a run whose rule names one apart from its path, such as the average of where it
 * was: drawn beside the path as a thin dashed line with a small hollow head.
 */

import { head, symbolOf } from "../views/draw.mjs";
import { FEW } from "../views/paint.mjs";
import { HIDDEN, MOVE } from "../views/trail.mjs";

const DASH = [5, 4], PERIOD = DASH[0] + DASH[1]; // px
const LINE = 1.5, HALO = 3.5, HEAD = 9; // px
const SLIM = 0.6, HIDDEN_ALPHA = 0.3;

/**
 * @typedef {import("../views/overlay.mjs").Series} Series
 * @typedef {import("../views/overlay.mjs").Overlay} View
 * @typedef {import("./theme.mjs").Theme} Theme
 */

/** @param {View} view @param {Theme} theme */
const scaleOf = (view, theme) => theme.scale * (view.answers.length > FEW ? SLIM : 1);

/** The symbol of a run, hollow. @param {number} run */
export const hollow = (run) => `${symbolOf(run).replace("-open", "")}-open`;

/**
 * The lines from where they were painted last up to a row; the dashes go on where they ended.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {number} row @param {Theme} theme
 */
export function past(ctx, view, row, theme) {
  const scale = scaleOf(view, theme);
  ctx.lineJoin = "round";
  for (const series of view.answers) {
    const { trail } = series, from = trail.painted, to = trail.upTo(Math.floor(row + 1e-6));
    if (to <= from) continue;
    const seen = new Path2D(), hidden = new Path2D();
    trail.trace(from, to, seen, hidden);
    trail.painted = to;
    begin(ctx, series, LINE * scale, theme);
    ctx.stroke(seen);
    ctx.globalAlpha = HIDDEN_ALPHA;
    ctx.stroke(hidden);
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
    ctx.globalCompositeOperation = "destination-over";
    ctx.lineWidth = HALO * scale;
    ctx.strokeStyle = theme.halo;
    ctx.stroke(seen);
    ctx.globalCompositeOperation = "source-over";
    series.dashed = (series.dashed + lengthOf(trail, from, to)) % PERIOD;
  }
}

/**
 * The last bit of each line and its head, where the run is between two steps.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {number} row @param {Theme} theme
 */
export function heads(ctx, view, row, theme) {
  const scale = scaleOf(view, theme);
  for (const series of view.answers) {
    const { run, trail } = series, n = trail.painted - 1;
    const tip = n >= 0 && row > trail.row[n] ? view.locate(series, row, false) : null;
    if (tip && tip.x === tip.x) {
      ctx.globalAlpha = tip.by === HIDDEN ? HIDDEN_ALPHA : 1;
      begin(ctx, series, LINE * scale, theme);
      ctx.beginPath();
      ctx.moveTo(trail.x[n], trail.y[n]);
      ctx.lineTo(tip.x, tip.y);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    const { x, y, by } = view.locate(series, row, true);
    if (x !== x) continue;
    ctx.globalAlpha = by === HIDDEN ? HIDDEN_ALPHA : 1;
    const size = HEAD * scale, colour = theme.runs[run];
    head(ctx, { symbol: hollow(run), x, y, size, colour, paper: theme.paper, edge: scale });
  }
  ctx.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} ctx @param {Series} series @param {number} width @param {Theme} theme */
function begin(ctx, { run, dashed }, width, theme) {
  ctx.setLineDash(DASH);
  ctx.lineCap = "butt";
  ctx.lineDashOffset = dashed;
  ctx.lineWidth = width;
  ctx.strokeStyle = theme.runs[run];
}

/**
 * How long the line through vertices from..to (exclusive) is, from the vertex before.
 * @param {import("../views/trail.mjs").Trail} trail @param {number} from @param {number} to
 */
function lengthOf({ x, y, by }, from, to) {
  let length = 0;
  for (let i = Math.max(1, from); i < to; i++) {
    if (by[i] !== MOVE) length += Math.hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
  }
  return length;
}
