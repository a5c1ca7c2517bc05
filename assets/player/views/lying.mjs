/** The signs of the minima in 3D, lying on the sheet: their corners are placed there and projected. */

import { isCrowded, minimumSign, STAR } from "./draw.mjs";
import { HIDDEN } from "./trail.mjs";

/**
 * @typedef {import("../core/stream.mjs").Minimum} Minimum
 * @typedef {{scale: number, ink: string, paper: string}} Theme
 * @typedef {object} Where
 * @property {import("./occlusion.mjs").HeightGrid} sheet @property {number} lift above it
 * @property {(x: number, y: number, z: number) => {x: number, y: number}} project
 */

const RADIUS = 0.022, SMALL = 0.4; // of the sheet's width; of that where there are many
const STAR_SIZE = 1.4; // times a ring
const TURNS = 32; // corners of a ring
const SIDES = 1.12 / 0.99; // how much wider than deep the sheet is drawn

const RING = Array.from({ length: TURNS }, (_, i) => [Math.cos((i * 2 * Math.PI) / TURNS),
  Math.sin((i * 2 * Math.PI) / TURNS)]).flat();

/**
 * The outline of a minimum's sign; false when part of it is out of sight or off the sheet.
 * @param {CanvasRenderingContext2D} ctx @param {Minimum} minimum @param {Where} where @param {boolean} many
 */
function outline(ctx, { x, y, is_global: isGlobal }, { sheet, lift, project }, many) {
  const corners = isGlobal ? STAR : RING;
  const wide = RADIUS * (many && !isGlobal ? SMALL : isGlobal ? STAR_SIZE : 1) * (sheet.right - sheet.left);
  const deep = wide * SIDES * ((sheet.high - sheet.low) / (sheet.right - sheet.left));
  ctx.beginPath();
  for (let i = 0; i < corners.length; i += 2) {
    const px = x + wide * corners[i], py = y - deep * corners[i + 1];
    if (!sheet.contains(px, py)) return false;
    const at = project(px, py, sheet.at(px, py) + lift);
    if (at.x !== at.x) return false;
    if (i) ctx.lineTo(at.x, at.y);
    else ctx.moveTo(at.x, at.y);
  }
  ctx.closePath();
  return true;
}

/**
 * Draw a minimum's sign as it lies; false when it cannot lie.
 * @param {CanvasRenderingContext2D} ctx @param {Minimum} minimum @param {Where} where @param {boolean} many
 * @param {Theme} theme
 */
function lyingSign(ctx, minimum, where, many, { scale, ink, paper }) {
  if (minimum.kind === "curve" || !outline(ctx, minimum, where, many)) return false;
  ctx.lineJoin = "round";
  ctx.strokeStyle = paper;
  ctx.lineWidth = (minimum.is_global ? 2.5 : 4) * scale;
  ctx.stroke();
  ctx.fillStyle = ctx.strokeStyle = ink;
  ctx.lineWidth = 1.8 * scale;
  if (minimum.is_global) ctx.fill();
  else ctx.stroke();
  return true;
}

/**
 * The minima on the sheet; what the hill hides is dimmed. One that cannot lie stands.
 * @param {CanvasRenderingContext2D} ctx @param {Minimum[]} minima on the sheet
 * @param {Where & {place: (minimum: Minimum) => {x: number, y: number, by: number}}} where @param {Theme} theme
 */
export function drawLying(ctx, minima, where, theme) {
  const many = isCrowded(minima), sizes = { star: 17, ring: 13, squash: 0.75, many };
  for (const minimum of minima) {
    const at = where.place(minimum);
    if (at.x !== at.x) continue;
    ctx.globalAlpha = at.by === HIDDEN ? 0.35 : 1;
    if (!lyingSign(ctx, minimum, where, many, theme)) minimumSign(ctx, at, minimum, sizes, theme);
  }
  ctx.globalAlpha = 1;
}
