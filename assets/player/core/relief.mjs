/**
 * Heights as a lit picture: the ramp's colour times the light that a slope catches. The twin of
 * `figures/relief.py`; ramp, light and range are read from the figure's `layout.meta.relief`.
 */

/**
 * @typedef {object} Look
 * @property {number[][]} stops share of the greatest height, then red, green and blue, 0 to 1
 * @property {number[]} light a unit vector: to the right, up, towards the eye
 * @property {number} steepness by how much slopes are exaggerated
 * @property {number[]} ambient red, green and blue from everywhere
 * @property {number[]} sun the same from the light that ground faces
 * @property {number[]} spans x and y to a unit of ground
 *
 * @typedef {object} Field height and slopes at the points of a grid, row after row
 * @property {ArrayLike<number>} x columns, rising @property {ArrayLike<number>} y rows, rising
 * @property {Float64Array} height share of the greatest, not clipped
 * @property {Float64Array} across @property {Float64Array} up heights a unit of ground
 *
 * @typedef {{from: number, step: number, count: number}} Axis places: from, from + step, …; step may be negative
 * @typedef {{before: Int32Array, share: Float64Array}} Places the grid line before, and how far it is to the next
 */

/**
 * The colour of ground, 0 to 1, written into three places of `out`.
 * @param {number} height share of the greatest; clipped to the stops
 * @param {number} across @param {number} up slopes, in heights a unit of ground
 * @param {Look} look @param {{[at: number]: number}} out @param {number} [at] @param {number} [full] what 1 becomes
 */
export function colour(height, across, up, { stops, light, steepness, ambient, sun }, out, at = 0, full = 1) {
  let next = 1;
  while (next < stops.length - 1 && height > stops[next][0]) next++;
  const low = stops[next - 1], high = stops[next];
  const part = Math.min(1, Math.max(0, (height - low[0]) / (high[0] - low[0])));
  const steepX = steepness * across, steepY = steepness * up;
  const facing = Math.max(0, (light[2] - light[0] * steepX - light[1] * steepY)
    / Math.sqrt(1 + steepX * steepX + steepY * steepY));
  for (let i = 0; i < 3; i++) {
    const tint = low[i + 1] + part * (high[i + 1] - low[i + 1]);
    out[at + i] = full * Math.min(1, tint * (ambient[i] + sun[i] * facing));
  }
}

/**
 * Height and slopes of a grid; slopes are of second order inside, as NumPy's gradient.
 * @param {{x: ArrayLike<number>, y: ArrayLike<number>, z: ArrayLike<ArrayLike<number>>}} grid
 * @param {number} top @param {Look} look @returns {Field}
 */
export function fieldOf({ x, y, z }, top, { spans }) {
  const columns = x.length, rows = y.length;
  const [height, across, up] = Array.from({ length: 3 }, () => new Float64Array(columns * rows));
  for (let j = 0, k = 0; j < rows; j++) for (let i = 0; i < columns; i++, k++) height[k] = z[j][i] / top;
  for (let j = 0; j < rows; j++) slopes(height, x, spans[0], j * columns, 1, across);
  for (let i = 0; i < columns; i++) slopes(height, y, spans[1], i, columns, up);
  return { x, y, height, across, up };
}

/**
 * The slopes along one line of a grid.
 * @param {Float64Array} height @param {ArrayLike<number>} lines @param {number} span
 * @param {number} first place of the first point @param {number} stride from one to the next @param {Float64Array} out
 */
function slopes(height, lines, span, first, stride, out) {
  const last = lines.length - 1;
  for (let i = 0; i <= last; i++) {
    const k = first + i * stride, a = i > 0 ? k - stride : k, b = i < last ? k + stride : k;
    const before = (lines[i] - lines[Math.max(0, i - 1)]) / span;
    const after = (lines[Math.min(last, i + 1)] - lines[i]) / span;
    if (a === k || b === k) out[k] = (height[b] - height[a]) / (before + after);
    else {
      out[k] = (before * before * height[b] + (after * after - before * before) * height[k]
        - after * after * height[a]) / (before * after * (before + after));
    }
  }
}

/** @param {ArrayLike<number>} lines @param {Axis} axis @returns {Places} */
function placesOf(lines, { from, step, count }) {
  const before = new Int32Array(count), share = new Float64Array(count), last = lines.length - 2;
  let k = step > 0 ? 0 : last;
  for (let i = 0; i < count; i++) {
    const at = from + i * step;
    while (k < last && lines[k + 1] <= at) k++;
    while (k > 0 && lines[k] > at) k--;
    before[i] = k;
    share[i] = Math.min(1, Math.max(0, (at - lines[k]) / (lines[k + 1] - lines[k])));
  }
  return { before, share };
}

/**
 * Paint the relief at places, height and slopes taken bilinearly; beyond the grid its rim.
 * @param {Field} field @param {Look} look @param {Axis} xs of the columns @param {Axis} ys of the rows
 * @param {Uint8ClampedArray} out red, green, blue and opacity of every pixel, row after row
 */
export function paint(field, look, xs, ys, out) {
  const { height, across, up } = field, columns = field.x.length;
  const h = placesOf(field.x, xs), v = placesOf(field.y, ys);
  for (let j = 0, at = 0; j < ys.count; j++) {
    const row = v.before[j] * columns, f = v.share[j];
    for (let i = 0; i < xs.count; i++, at += 4) {
      const k = row + h.before[i], below = k + columns, e = h.share[i];
      const [a, b, c, d] = [(1 - e) * (1 - f), e * (1 - f), (1 - e) * f, e * f];
      colour(
        a * height[k] + b * height[k + 1] + c * height[below] + d * height[below + 1],
        a * across[k] + b * across[k + 1] + c * across[below] + d * across[below + 1],
        a * up[k] + b * up[k + 1] + c * up[below] + d * up[below + 1],
        look, out, at, 255,
      );
      out[at + 3] = 255;
    }
  }
}
