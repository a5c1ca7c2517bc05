/**
 * Runs on the curve of one weight: where each stands, its tangent, and the step that it takes from
 * there. Paths of several runs keep beside each other, and heads that meet are stacked.
 */

import { arrow } from "./arrows.mjs";
import { label } from "./draw.mjs";
import { FEW } from "./paint.mjs";
import { toPixel } from "./projection2d.mjs";
import { SEEN } from "./trail.mjs";

/**
 * @typedef {import("./map.mjs").MapOverlay} MapOverlay
 * @typedef {import("./overlay.mjs").Series} Series
 * @typedef {import("./overlay.mjs").Frame} Frame
 * @typedef {import("./loss_curve.mjs").Segment} Segment
 * @typedef {{x: number, y: number}} Place
 */

const BESIDE = 3.2; // px between the paths of two runs
const TANGENT = [46, 28]; // px to each side, of few runs and of more
const MANY = 3; // runs: from here on they are more
const APART = 1.05; // of a head's size: heads that are nearer are stacked
const NAME = "loss", NAME_AT = [12, 18]; // px from the left and the top
const LEAST = 6; // px: a shorter step is no arrow

/** Where a recorded row is on the upward axis. @param {MapOverlay} map @param {Series} series @param {number} row */
function height({ store, curve }, { run, lane, isAnswer }, row) {
  const k = lane * store.rows + row, x = (isAnswer ? store.xEval : store.x)[run][k];
  // Of an answer only the place is known, and while the curve moves a loss is that of its own time.
  return isAnswer || store.header.s ? curve.over(x) : curve.upward(store.loss[run][k]);
}

/**
 * A recorded row in CSS px, on the curve. @param {MapOverlay} map @param {Series} series @param {number} row
 * @returns {Place & {at: number}} at: its x
 */
export function onCurve(map, series, row) {
  const { store, projection, curve } = map, { run, lane, isAnswer } = series;
  const at = (isAnswer ? store.xEval : store.x)[run][lane * store.rows + row];
  return { at, x: toPixel(projection.x, at), y: curve.pixel(projection, height(map, series, row)) };
}

/** The same beside the paths of the other runs. @param {MapOverlay} map @param {Series} series @param {number} row */
function beside(map, series, row) {
  const place = onCurve(map, series, row), { runs } = map.store;
  if (runs === 1) return place;
  const away = BESIDE * (series.run - (runs - 1) / 2), steep = map.curve.drawn(map.projection, place.at);
  const far = Math.hypot(1, steep);
  return { ...place, x: place.x + (away * steep) / far, y: place.y - away / far };
}

/**
 * Where a row of a series is: a head on the curve, or above those that are there already; what lies behind it
 * beside the other paths.
 * @param {MapOverlay} map @param {Series} series @param {number} row may lie between two @param {boolean} isHead
 */
export function locate(map, series, row, isHead) {
  const { spot, store } = map, place = isHead ? onCurve : beside;
  const last = Math.min(row, store.alive[series.run][series.lane] - 1);
  const i = Math.floor(last), part = last - i;
  spot.x = NaN;
  if (i < 0) return spot;
  const from = place(map, series, i), to = part > 0 ? place(map, series, i + 1) : from;
  spot.x = from.x + part * (to.x - from.x);
  spot.y = from.y + part * (to.y - from.y) - (isHead ? map.lifts.get(series) ?? 0 : 0);
  spot.by = SEEN;
  return spot;
}

/**
 * The tangent where a series stands: as long as the curve's slope says it is steep.
 * @param {MapOverlay} map @param {Series} series @param {number} row whole @param {number} [reach] px to each side
 * @returns {Segment|null}
 */
export function tangent(map, series, row, reach = TANGENT[0]) {
  const { store, curve, projection } = map, point = store.point(series.run, series.lane, row);
  if (!point || store.header.s) return null; // while the curve moves the slope is that of its own time
  const { at, x, y } = onCurve(map, series, row);
  const steep = curve.steepness(projection, at, point.loss, curve.way(at) * point.gradNorm);
  const far = Math.hypot(1, steep);
  if (!Number.isFinite(steep + x + y)) return null;
  const dx = reach / far, dy = (reach * steep) / far;
  return { x0: x - dx, y0: y - dy, x1: x + dx, y1: y + dy };
}

/**
 * Lift heads that meet: each that would lie on another stands on it.
 * @param {MapOverlay} map @param {number} row @param {number} size px
 */
export function stack(map, row, size) {
  map.lifts.clear();
  if (map.crowded || map.series.length > FEW) return;
  /** @type {Place[]} */
  const placed = [];
  for (const series of map.series) {
    const { x, y } = locate(map, series, row, true);
    if (x !== x) continue;
    let top = y;
    for (const other of [...placed].sort((a, b) => b.y - a.y)) { // from below
      const dx = Math.abs(other.x - x), room = size * APART;
      if (dx < room && Math.hypot(dx, other.y - top) < room) top = other.y - Math.sqrt(room * room - dx * dx);
    }
    if (top !== y) map.lifts.set(series, y - top);
    placed.push({ x, y: top });
  }
}

/**
 * What the upward axis shows, at its end. @param {CanvasRenderingContext2D} ctx @param {MapOverlay} map
 * @param {import("../core/theme.mjs").Theme} theme
 */
export function drawName(ctx, { plot: { left, top } }, { ink2: ink, halo, textScale, font }) {
  const [right, below] = NAME_AT;
  label(ctx, NAME, left + right, top + below * textScale, { font: `400 ${11 * textScale}px ${font}`, ink, halo });
}

/**
 * Above the paths and under the heads: stems of lifted heads, tangents, and the steps that come next.
 * @param {CanvasRenderingContext2D} ctx @param {MapOverlay} map @param {Frame} frame
 */
export function drawSteps(ctx, map, { theme, row, store }) {
  const { scale, halo, runs } = theme, at = Math.floor(row + 1e-6);
  stack(map, row, map.weights.head * scale);
  if (store.lanes > 1 || map.series.length > FEW) return;
  const reach = TANGENT[store.runs < MANY ? 0 : 1] * scale;
  ctx.lineCap = "round";
  for (const series of map.series) {
    const last = map.lastRow(series), now = Math.min(at, last), colour = runs[series.run];
    if (now < 0) continue;
    const line = tangent(map, series, now, reach);
    if (line) stroke(ctx, line, [[5, halo], [2, colour]], scale);
    if (now < last && store.stride === 1 && !map.marks) drawStep(ctx, map, series, now, colour, theme);
  }
  for (const [series, lift] of map.lifts) {
    const { x, y } = locate(map, series, row, true);
    stroke(ctx, { x0: x, y0: y, x1: x, y1: y + lift }, [[3, halo], [1.25, runs[series.run]]], scale);
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Segment} line @param {[number, string][]} pens widths and colours
 * @param {number} scale
 */
function stroke(ctx, { x0, y0, x1, y1 }, pens, scale) {
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  for (const [width, colour] of pens) {
    ctx.lineWidth = width * scale;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {MapOverlay} map @param {Series} series @param {number} row
 * @param {string} colour @param {import("../core/theme.mjs").Theme} theme
 */
function drawStep(ctx, map, series, row, colour, { scale, halo }) {
  const from = onCurve(map, series, row), to = onCurve(map, series, row + 1);
  if (!(Math.hypot(to.x - from.x, to.y - from.y) >= LEAST * scale)) return;
  const segment = { x0: from.x, y0: from.y, x1: to.x, y1: to.y };
  arrow(ctx, segment, { colour: halo, width: 6 * scale, dashes: [] });
  arrow(ctx, segment, { colour, width: 3 * scale, dashes: [] });
}
