/** Strokes and marks of many runs: what a view draws, once it knows where everything is. */

import { head, pointer, symbolOf } from "./draw.mjs";
import { HIDDEN, SEEN } from "./trail.mjs";

export const MOST_TRAILS = 64; // with more starts only heads are drawn
export const FEW = 12; // up to so many paths they are drawn at full weight, with dots

const HIDDEN_ALPHA = 0.3;
const DASH = [2, 3];
const DOT_RADIUS = 3, DOT_GAP = 7; // px; nearer dots would melt together
const SLIM = { line: 0.6, halo: 0.6, future: 0.6, head: 0.62 };
const CROWD_HEAD = 0.3;
const OUTSIDE = 0.75; // size of a head that has left the view

/**
 * @typedef {import("./overlay.mjs").Series} Series
 * @typedef {import("./overlay.mjs").Overlay & {outside?: import("./map.mjs").MapOverlay["outside"]}} View
 * @typedef {import("../core/theme.mjs").Theme} Theme
 */

/**
 * Width of a stroke, or size of a head: thinner with many paths.
 * @param {View} view @param {"line"|"halo"|"future"|"head"} name @param {Theme} theme
 */
function size(view, name, theme) {
  if (view.crowded && name === "head") return Math.max(2, view.weights.head * theme.scale * CROWD_HEAD);
  return view.weights[name] * theme.scale * (view.series.length > FEW ? SLIM[name] : 1);
}

/** The series of each run. @param {View} view @param {(run: number, list: Series[]) => void} call */
function eachRun({ series }, call) {
  for (let i = 0; i < series.length;) {
    let j = i;
    while (j < series.length && series[j].run === series[i].run) j++;
    call(series[i].run, series.slice(i, j));
    i = j;
  }
}

/** What is still to come, dotted. @param {CanvasRenderingContext2D} ctx @param {View} view @param {Theme} theme */
export function future(ctx, view, theme) {
  ctx.lineWidth = size(view, "future", theme);
  ctx.setLineDash(DASH);
  ctx.globalAlpha = 0.85;
  eachRun(view, (run, list) => {
    ctx.beginPath();
    for (const { trail } of list) trail.trace(0, trail.size, ctx, null);
    ctx.strokeStyle = theme.runs[run];
    ctx.stroke();
  });
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/**
 * The paths from where they were painted last up to a row.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {number} row @param {Theme} theme
 */
export function past(ctx, view, row, theme) {
  ctx.lineCap = ctx.lineJoin = "round";
  eachRun(view, (run, list) => {
    const seen = new Path2D(), hidden = new Path2D();
    let any = false;
    for (const { trail } of list) {
      const to = trail.upTo(Math.floor(row + 1e-6));
      if (to <= trail.painted) continue;
      trail.trace(trail.painted, to, seen, hidden);
      trail.painted = to;
      any = true;
    }
    if (any) stroke(ctx, view, seen, hidden, theme.runs[run], theme);
  });
}

/**
 * Line above, halo below everything there is; what the hill hides is dimmed, without halo.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {Path2D} seen @param {Path2D} hidden
 * @param {string} colour @param {Theme} theme
 */
function stroke(ctx, view, seen, hidden, colour, theme) {
  ctx.lineWidth = size(view, "line", theme);
  ctx.strokeStyle = colour;
  ctx.stroke(seen);
  ctx.globalCompositeOperation = "destination-over";
  ctx.globalAlpha = HIDDEN_ALPHA;
  ctx.stroke(hidden);
  ctx.globalAlpha = 1;
  ctx.lineWidth = size(view, "halo", theme);
  ctx.strokeStyle = theme.halo;
  ctx.stroke(seen);
  ctx.globalCompositeOperation = "source-over";
}

/**
 * A hollow dot every so many steps: their distance shows the speed.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {number} row @param {Theme} theme
 * @param {number} every
 */
export function dots(ctx, view, row, theme, every) {
  const { store } = view, radius = DOT_RADIUS * theme.scale;
  ctx.fillStyle = theme.paper;
  ctx.lineWidth = 1.5 * theme.scale;
  for (const series of view.series) {
    const { dot } = series, to = Math.min(Math.floor(row + 1e-6), view.lastRow(series));
    ctx.beginPath();
    for (let step = dot.step + every; step <= store.steps && store.rowAt(step) <= to; step += every) {
      dot.step = step;
      const { x, y, by } = view.locate(series, store.rowAt(step), false);
      if (by !== SEEN || Math.hypot(x - dot.x, y - dot.y) < DOT_GAP) continue;
      [dot.x, dot.y] = [x, y];
      ctx.moveTo(x + radius, y);
      ctx.arc(x, y, radius, 0, 7);
    }
    ctx.strokeStyle = theme.runs[series.run];
    ctx.fill();
    ctx.stroke();
  }
}

/**
 * The last bit of each line, from its last whole vertex to the head between two steps.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {number} row @param {Theme} theme
 */
export function tips(ctx, view, row, theme) {
  ctx.lineCap = "round";
  for (const pass of /** @type {const} */ (["halo", "line"])) {
    ctx.lineWidth = size(view, pass, theme);
    for (const series of view.series) {
      const { run, trail } = series, n = trail.painted - 1;
      if (n < 0 || row <= trail.row[n]) continue;
      const { x, y, by } = view.locate(series, row, false);
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

/**
 * Where each run is now.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {number} row @param {Theme} theme
 */
export function heads(ctx, view, row, theme) {
  if (view.crowded) {
    crowd(ctx, view, row, theme);
    return;
  }
  const edge = (view.series.length > FEW ? 1 : 1.75) * theme.scale, diameter = size(view, "head", theme);
  for (const series of view.series) {
    const { x, y, by } = view.locate(series, row, true);
    if (x !== x) continue;
    ctx.globalAlpha = by === HIDDEN ? HIDDEN_ALPHA : 1;
    const symbol = symbolOf(series.run), colour = theme.runs[series.run];
    const mark = { symbol, x, y, size: diameter, colour, paper: theme.paper, edge };
    const out = view.outside?.(x, y, diameter); // where the edge is nearest, and the way from there
    if (out) pointer(ctx, Object.assign(mark, out, { size: diameter * OUTSIDE }));
    head(ctx, mark);
  }
  ctx.globalAlpha = 1;
}

/**
 * Thousands of heads: little squares, each by itself, because one path of them all is slow to fill.
 * @param {CanvasRenderingContext2D} ctx @param {View} view @param {number} row @param {Theme} theme
 */
function crowd(ctx, view, row, theme) {
  const side = size(view, "head", theme), half = side / 2;
  eachRun(view, (run, list) => {
    ctx.fillStyle = theme.runs[run];
    for (const series of list) {
      if (row > view.lastRow(series)) continue;
      const { x, y, by } = view.locate(series, row, true);
      if (x !== x) continue;
      ctx.globalAlpha = by === HIDDEN ? HIDDEN_ALPHA : 0.85;
      ctx.fillRect(x - half, y - half, side, side);
    }
  });
  ctx.globalAlpha = 1;
}
