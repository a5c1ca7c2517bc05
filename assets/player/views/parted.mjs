/** Where two compared paths part: the step of each, as arrows to one scale, in their runs' colours. */

import { arrow } from "./arrows.mjs";
import { label, ring } from "./draw.mjs";

/**
 * @typedef {object} Parted
 * @property {{run: number, label: string, before: [number, number], after: [number, number]}[]} steps two
 * @property {number} step which one
 */

const LONGEST = 74; // px of the longer arrow, where the step itself is shorter
const RING = 22, WIDE = 3; // px

/** A step on the screen, in CSS px. @param {import("./map.mjs").MapOverlay} map @param {Parted["steps"][0]} step */
function onMap(map, { run, label: name, before, after }) {
  const { x, y } = map.toPixels(...before), to = map.toPixels(...after);
  return { run, name, x, y, dx: to.x - x, dy: to.y - y, far: Math.hypot(to.x - x, to.y - y) };
}

/**
 * How many times as long as they are the two steps are drawn: 1 where they can be seen as they are.
 * @param {import("./map.mjs").MapOverlay} map @param {Parted} parted
 */
export function enlarged(map, { steps }) {
  const longest = Math.max(...steps.map((step) => onMap(map, step).far).filter(Number.isFinite), 0);
  return longest > 0 && longest < LONGEST ? LONGEST / longest : 1;
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {import("./map.mjs").MapOverlay} map @param {Parted} parted
 * @param {import("../core/theme.mjs").Theme} theme
 */
export function drawParted(ctx, map, parted, theme) {
  const { ink, halo, font, textScale, runs } = theme, by = enlarged(map, parted);
  const all = parted.steps.map((step) => onMap(map, step));
  ring(ctx, all[0].x, all[0].y, RING, ink, halo);
  const steps = all.filter(({ far }) => far > 0 && Number.isFinite(far)).sort((a, b) => b.far - a.far);
  for (const { run, x, y, dx, dy } of steps) { // the shorter one above the longer one
    const line = { x0: x, y0: y, x1: x + by * dx, y1: y + by * dy };
    arrow(ctx, line, { colour: halo, width: WIDE + 3, dashes: [] });
    arrow(ctx, line, { colour: runs[run], width: WIDE, dashes: [] });
  }
  const bold = `600 ${12 * textScale}px ${font}`, { left, top, width, height } = map.plot;
  for (const { name, x, y, dx, dy, far } of steps) { // names above all arrows
    const out = by * far + 14, side = dx < -far / 4 ? "right" : dx > far / 4 ? "left" : "center";
    const at = [x + (out * dx) / far, y + (out * dy) / far];
    label(ctx, name, Math.min(Math.max(at[0], left + 8), left + width - 8),
      Math.min(Math.max(at[1], top + 10), top + height - 10), { font: bold, ink, halo, align: side });
  }
}
