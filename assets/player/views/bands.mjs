/** Bands of the curves: between the quartiles of many starts lies the middle half of them. */

import { toPixel } from "./projection2d.mjs";

export const SHADE = 0.16; // of the run's colour

/**
 * The rows of a run up to one, a few for every pixel.
 * @param {import("./curves.mjs").CurvesOverlay} view @param {number} run @param {number} row
 */
function rowsOf(view, run, row) {
  const last = Math.floor(Math.min(row, view.lastRow(view.series[run])));
  const every = Math.max(1, Math.floor(view.store.rows / (2 * Math.max(1, view.plot.width))));
  const rows = [];
  for (let at = 0; at < last; at += every) rows.push(at);
  return last >= 0 ? [...rows, last] : rows;
}

/**
 * Fill the band of every run up to the clock.
 * @param {CanvasRenderingContext2D} ctx @param {import("./curves.mjs").CurvesOverlay} view
 * @param {number} row of the clock @param {import("../core/theme.mjs").Theme} theme
 */
export function drawBands(ctx, view, row, theme) {
  const { left, top, width, height } = view.plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.globalAlpha = SHADE;
  view.values.quartiles.forEach(([lower, , upper], run) => {
    const rows = rowsOf(view, run, row);
    const x = rows.map((at) => toPixel(view.projection.x, view.store.stepOf(at)));
    ctx.fillStyle = theme.runs[run];
    ctx.beginPath();
    rows.forEach((at, i) => ctx.lineTo(x[i], view.pixelY(upper[at])));
    for (let i = rows.length - 1; i >= 0; i--) ctx.lineTo(x[i], view.pixelY(lower[rows[i]]));
    ctx.fill();
  });
  ctx.restore();
}
