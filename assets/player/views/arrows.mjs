/** What a closer look draws on the map: the vectors of one step, the line of a profile, where two paths part. */

import { label } from "./draw.mjs";
import { drawParted } from "./parted.mjs";

/**
 * @typedef {{target: string, role: string, value: number[]}} Row a line of the rule
 * @typedef {object} Marks
 * @property {[number, number]} [before] x before the step
 * @property {[number, number]} [after]
 * @property {[number, number]} [plain] where plain descent with the same rate would go
 * @property {number} [run]
 * @property {Row[]} [rows]
 * @property {number} [lit] the row under the pointer; -1 for none
 * @property {number[]} [line] x, y, x, y of a profile
 * @property {import("./parted.mjs").Parted} [parted] two runs compared
 *
 * @typedef {{row: number, kind: "direction"|"scale"|"step"|"plain",
 *   x0: number, y0: number, x1: number, y1: number}} Segment
 * @typedef {import("../core/theme.mjs").Theme} Theme
 * @typedef {import("./map.mjs").MapOverlay} MapOverlay
 */

const LONGEST = 74; // px of the longest direction; the others to the same scale
const SHORT = 30; // px of it beside a step that is too short to be drawn
const DRAWN = 4; // px of a step that can be drawn
const WIDEST = 40; // px of a scale's longer side, from the middle
const TIP = 8; // px

/**
 * Can a step be drawn to the map's scale, or is it a dot?
 * @param {Pick<MapOverlay, "toPixels">} map @param {Pick<Marks, "before"|"after">} marks
 */
export function isTooShort(map, { before, after }) {
  const a = map.toPixels(...before), b = map.toPixels(...after);
  return Math.hypot(b.x - a.x, b.y - a.y) < DRAWN;
}

/**
 * The drawn parts of one step, in CSS px.
 * @param {MapOverlay} map @param {Marks} marks @returns {Segment[]}
 */
export function segments(map, { before, after, plain, rows }) {
  if (!before) return [];
  const at = map.toPixels(...before);
  /** @type {Segment[]} */
  const made = [];
  /** @param {Segment["kind"]} kind @param {number} row @param {{x: number, y: number}} at */
  const end = (kind, row, { x, y }) => made.push({ row, kind, x0: at.x, y0: at.y, x1: x, y1: y });
  // Data directions in px: the two axes may have scales of their own.
  const one = map.toPixels(before[0] + 1, before[1] + 1), ux = one.x - at.x;
  const uy = map.curve ? 0 : one.y - at.y; // of one weight every direction leads along x
  /** @param {number[]} value */
  const down = ([x, y]) => [-x * ux, -y * uy];
  /** @param {string} role */
  const size = (role) =>
    Math.max(...rows.filter((r) => r.role === role).map((r) => Math.hypot(...down(r.value))), 1e-300);
  const longest = size("direction"), most = isTooShort(map, { before, after }) ? SHORT : LONGEST;
  rows.forEach(({ role, value }, row) => {
    const [dx, dy] = down(value);
    if (role === "direction" && Number.isFinite(dx + dy)) {
      end(role, row, { x: at.x + (dx / longest) * most, y: at.y + (dy / longest) * most });
    } else if (role === "scale" && Number.isFinite(dx + dy)) {
      const greatest = Math.max(Math.abs(value[0]), Math.abs(value[1]), 1e-300);
      const [w, h] = value.map((one) => (Math.abs(one) / greatest) * WIDEST);
      end(role, row, { x: at.x + w, y: at.y + h });
    }
  });
  end("plain", -1, map.toPixels(...plain));
  end("step", rows.findLastIndex(({ role }) => role === "point"), map.toPixels(...after));
  return made;
}

/** @param {CanvasRenderingContext2D} ctx @param {import("./map.mjs").MapOverlay} map @param {Theme} theme */
export function drawMarks(ctx, map, theme) {
  const { marks } = map;
  if (marks.line && !map.curve) drawLine(ctx, map, marks.line, theme);
  if (marks.parted && !map.curve) drawParted(ctx, map, marks.parted, theme);
  for (const part of segments(map, marks)) {
    const isLit = part.row >= 0 && part.row === marks.lit;
    if (part.kind === "scale") {
      if (isLit) drawBox(ctx, part, theme);
      continue;
    }
    const isStep = part.kind === "step", isPlain = part.kind === "plain";
    const colour = isStep ? theme.runs[marks.run] : theme.ink;
    const width = (isStep ? 3 : 1.25) + (isLit ? 1.5 : 0);
    ctx.globalAlpha = marks.lit >= 0 && !isLit && !isStep ? 0.35 : 1;
    if (isStep && isTooShort(map, marks)) {
      dot(ctx, part, colour, theme);
      continue;
    }
    arrow(ctx, part, { colour: theme.halo, width: width + 3, dashes: [] });
    arrow(ctx, part, { colour, width, dashes: isPlain ? [3, 3] : [] });
    if (isPlain) ghost(ctx, part, theme);
    if (isLit || (isStep && marks.lit < 0)) name(ctx, part, isStep ? "step" : marks.rows[part.row].target, theme);
    ctx.globalAlpha = 1;
  }
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {Pick<Segment, "x0"|"y0"|"x1"|"y1">} part
 * @param {{colour: string, width: number, dashes: number[]}} pen
 */
export function arrow(ctx, { x0, y0, x1, y1 }, { colour, width, dashes }) {
  const far = Math.hypot(x1 - x0, y1 - y0);
  if (far < 1) return;
  const [cx, cy] = [(x1 - x0) / far, (y1 - y0) / far], tip = Math.min(TIP, far);
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dashes);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1 - cx * tip * 0.6, y1 - cy * tip * 0.6);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  for (const side of [1, -1]) ctx.lineTo(x1 - tip * (cx + side * cy * 0.5), y1 - tip * (cy - side * cx * 0.5));
  ctx.closePath();
  ctx.fill();
}

/**
 * A step that is too short for an arrow.
 * @param {CanvasRenderingContext2D} ctx @param {Segment} part @param {string} colour @param {Theme} theme
 */
function dot(ctx, { x1, y1 }, colour, { halo }) {
  ctx.beginPath();
  ctx.arc(x1, y1, 3.5, 0, 7);
  ctx.lineWidth = 2;
  ctx.strokeStyle = halo;
  ctx.stroke();
  ctx.fillStyle = colour;
  ctx.fill();
}

/** Where plain descent would stand. @param {CanvasRenderingContext2D} ctx @param {Segment} part @param {Theme} theme */
function ghost(ctx, { x1, y1 }, { ink, halo }) {
  ctx.beginPath();
  ctx.arc(x1, y1, 5, 0, 7);
  ctx.fillStyle = halo;
  ctx.fill();
  ctx.strokeStyle = ink;
  ctx.lineWidth = 1.25;
  ctx.stroke();
}

/**
 * A scale of each coordinate's own: a box as wide as x's and as tall as y's.
 * @param {CanvasRenderingContext2D} ctx @param {Segment} part @param {Theme} theme
 */
function drawBox(ctx, { x0, y0, x1, y1 }, { ink, halo }) {
  const [w, h] = [Math.abs(x1 - x0), Math.abs(y1 - y0)];
  for (const [colour, width] of /** @type {[string, number][]} */ ([[halo, 4], [ink, 1.5]])) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.strokeRect(x0 - w, y0 - h, 2 * w, 2 * h);
  }
}

/** @param {CanvasRenderingContext2D} ctx @param {Segment} part @param {string} text @param {Theme} theme */
function name(ctx, { x0, y0, x1, y1 }, text, { ink, halo, font, textScale }) {
  const far = Math.hypot(x1 - x0, y1 - y0) || 1;
  label(ctx, text, x1 + (14 * (x1 - x0)) / far, y1 + (14 * (y1 - y0)) / far + 4,
    { font: `600 ${12 * textScale}px ${font}`, ink, halo, align: "center" });
}

/** @param {CanvasRenderingContext2D} ctx @param {MapOverlay} map @param {number[]} line @param {Theme} theme */
function drawLine(ctx, map, [x0, y0, x1, y1], { ink, halo }) {
  const a = map.toPixels(x0, y0), b = map.toPixels(x1, y1);
  for (const [colour, width] of /** @type {[string, number][]} */ ([[halo, 4], [ink, 1.25]])) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(a.x, a.y);
    ctx.lineTo(b.x, b.y);
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

/** How far a place is from a segment, in px. @param {Segment} segment @param {number} x @param {number} y */
export function distance({ x0, y0, x1, y1 }, x, y) {
  const dx = x1 - x0, dy = y1 - y0, far = dx * dx + dy * dy;
  const t = far ? Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / far)) : 0;
  return Math.hypot(x0 + t * dx - x, y0 + t * dy - y);
}
