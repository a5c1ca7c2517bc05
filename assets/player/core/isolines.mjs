/** Lines of equal height through a grid, as pieces of straight lines: marching squares. */

/**
 * The corners of a cell are joined where a level passes between two of them; in a saddle, whose two
 * pieces can be joined in two ways, the mean of the corners decides.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, height: ArrayLike<number>}} grid rows of y, one after another
 * @param {number[]} levels
 * @param {(x0: number, y0: number, x1: number, y1: number, level: number) => void} draw
 */
export function isolines({ x, y, height }, levels, draw) {
  const columns = x.length;
  for (let j = 0; j + 1 < y.length; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const k = j * columns + i;
      const corners = [height[k], height[k + 1], height[k + columns + 1], height[k + columns]];
      const low = Math.min(...corners), high = Math.max(...corners);
      for (const level of levels) if (low < level && level <= high) cell(x, y, i, j, corners, level, draw);
    }
  }
}

/**
 * @param {ArrayLike<number>} x @param {ArrayLike<number>} y @param {number} i @param {number} j
 * @param {number[]} corners anticlockwise from the left below @param {number} level
 * @param {(x0: number, y0: number, x1: number, y1: number, level: number) => void} draw
 */
function cell(x, y, i, j, corners, level, draw) {
  const xs = [x[i], x[i + 1], x[i + 1], x[i]], ys = [y[j], y[j], y[j + 1], y[j + 1]];
  /** Where it passes, along the four sides. @type {number[][]} */
  const at = [];
  for (let side = 0; side < 4; side++) {
    const next = (side + 1) % 4, a = corners[side], b = corners[next];
    if ((a < level) === (b < level)) continue;
    const part = (level - a) / (b - a);
    at.push([xs[side] + part * (xs[next] - xs[side]), ys[side] + part * (ys[next] - ys[side])]);
  }
  const mean = corners.reduce((sum, z) => sum + z) / 4;
  if (at.length === 4 && (corners[0] < level) !== (mean < level)) at.push(at.shift());
  for (let n = 0; n + 1 < at.length; n += 2) draw(at[n][0], at[n][1], at[n + 1][0], at[n + 1][1], level);
}
