/** What helps to read the map: arrows that point downhill, and the cross of whoever reads a place. */

/**
 * @typedef {object} Field the gradient at the crossings of a grid, exact
 * @property {number[]} x @property {number[]} y
 * @property {(number|null)[][][]} gradient by x, then by y; rows of y; null: not finite
 *
 * @typedef {import("./map.mjs").MapOverlay} MapOverlay
 * @typedef {import("../core/theme.mjs").Theme} Theme
 * @typedef {{x0: number, y0: number, x1: number, y1: number}} Arrow CSS px
 */

const LONGEST = 19, SHORTEST = 6; // px
const DECADES = 4; // below the steepest place in which arrows grow shorter
const TIP = 4; // px

/**
 * The arrows of a field. They point to where x and y would be after a small step against the
 * gradient; their length is the logarithm of the gradient's.
 * @param {Pick<MapOverlay, "toPixels">} map @param {Field} field @returns {Arrow[]}
 */
export function arrowsOf(map, { x, y, gradient: [across, up] }) {
  /** @type {{px: {x: number, y: number}, dx: number, dy: number, size: number}[]} */
  const found = [];
  for (const [j, at] of y.entries()) {
    for (const [i, along] of x.entries()) {
      const dx = across[j][i], dy = up[j][i], size = dx === null || dy === null ? 0 : Math.hypot(dx, dy);
      if (size > 0 && size < Infinity) found.push({ px: map.toPixels(along, at), dx: dx / size, dy: dy / size, size });
    }
  }
  const o = map.toPixels(x[0], y[0]), one = map.toPixels(x[0] + 1, y[0] + 1);
  const ux = one.x - o.x, uy = one.y - o.y, steepest = Math.log10(Math.max(...found.map(({ size }) => size)));
  return found.map(({ px, dx, dy, size }) => {
    const [wide, tall] = [-dx * ux, -dy * uy], far = Math.hypot(wide, tall) || 1;
    const share = Math.max(0, 1 + (Math.log10(size) - steepest) / DECADES);
    const half = (SHORTEST + (LONGEST - SHORTEST) * share) / far / 2;
    return { x0: px.x - wide * half, y0: px.y - tall * half, x1: px.x + wide * half, y1: px.y + tall * half };
  });
}

/** @param {CanvasRenderingContext2D} ctx @param {MapOverlay} map @param {Field} field @param {Theme} theme */
export function drawField(ctx, map, field, { ink, halo, scale }) {
  const { left, top, width, height } = map.plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  for (const { x0, y0, x1, y1 } of arrowsOf(map, field)) {
    const far = Math.hypot(x1 - x0, y1 - y0), cx = (x1 - x0) / far, cy = (y1 - y0) / far;
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    for (const side of [1, -1]) {
      ctx.moveTo(x1, y1);
      ctx.lineTo(x1 - TIP * (cx + side * cy * 0.6), y1 - TIP * (cy - side * cx * 0.6));
    }
  }
  /** @type {[string, number, number][]} */
  const pens = [[halo, 3, 0.5], [ink, 1.1, 0.72]];
  for (const [colour, width_, alpha] of pens) {
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = colour;
    ctx.lineWidth = width_ * scale;
    ctx.stroke();
  }
  ctx.restore();
}

/**
 * Lines from edge to edge through the place that is read.
 * @param {CanvasRenderingContext2D} ctx @param {MapOverlay} map @param {{x: number, y: number}} place
 * @param {Theme} theme
 */
export function drawCross(ctx, map, place, { ink, halo, scale }) {
  const { x, y } = map.toPixels(place.x, place.y), { left, top, width, height } = map.plot, gap = 7 * scale;
  ctx.save();
  ctx.setLineDash([]);
  for (const [colour, width_] of /** @type {[string, number][]} */ ([[halo, 3], [ink, 1]])) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width_;
    ctx.beginPath();
    for (const [x0, y0, x1, y1] of [[left, y, x - gap, y], [x + gap, y, left + width, y],
      [x, top, x, y - gap], [x, y + gap, x, top + height]]) {
      ctx.moveTo(x0, y0);
      ctx.lineTo(x1, y1);
    }
    ctx.moveTo(x + gap, y);
    ctx.arc(x, y, gap, 0, 7);
    ctx.stroke();
  }
  ctx.restore();
}
