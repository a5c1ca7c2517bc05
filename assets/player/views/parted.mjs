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

/** How many times as long as they are the two steps are drawn: 1 where they can be seen as they are. */
export function enlarged(/** @type {import("./map.mjs").MapOverlay} */ map, /** @type {Parted} */ { steps }) {
  const lengths = steps.map(({ before, after }) => {
    const a = map.toPixels(...before), b = map.toPixels(...after);
    return Math.hypot(b.x - a.x, b.y - a.y);
  }).filter(Number.isFinite);
  const longest = Math.max(...lengths, 0);
  return longest > 0 && longest < LONGEST ? LONGEST / longest : 1;
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {import("./map.mjs").MapOverlay} map @param {Parted} parted
 * @param {import("../core/theme.mjs").Theme} theme
 */
export function drawParted(ctx, map, parted, theme) {
  const { ink, halo, font, textScale, runs } = theme, by = enlarged(map, parted);
  const first = map.toPixels(...parted.steps[0].before);
  ring(ctx, first.x, first.y, RING, ink, halo);
  for (const { run, before, after } of parted.steps) {
    const a = map.toPixels(...before), b = map.toPixels(...after);
    const line = { x0: a.x, y0: a.y, x1: a.x + by * (b.x - a.x), y1: a.y + by * (b.y - a.y) };
    if (!Number.isFinite(line.x1 + line.y1)) continue;
    arrow(ctx, line, { colour: halo, width: WIDE + 3, dashes: [] });
    arrow(ctx, line, { colour: runs[run], width: WIDE, dashes: [] });
  }
  // Names above the arrows: neither is hidden by the other's line.
  const bold = `600 ${12 * textScale}px ${font}`;
  const { left, width } = map.plot;
  for (const { label: name, before, after } of parted.steps) {
    const a = map.toPixels(...before), b = map.toPixels(...after), far = Math.hypot(b.x - a.x, b.y - a.y);
    if (!(far > 0) || !Number.isFinite(far)) continue;
    const out = by * far + 14, x = a.x + (out * (b.x - a.x)) / far, y = a.y + (out * (b.y - a.y)) / far;
    const align = b.x < a.x - far / 4 ? "right" : b.x > a.x + far / 4 ? "left" : "center";
    label(ctx, name, Math.min(Math.max(x, left + 8), left + width - 8), y, { font: bold, ink, halo, align });
  }
}
