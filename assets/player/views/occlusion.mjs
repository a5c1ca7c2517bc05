/** Does the hill hide a point? A march over the height grid, from the point to the eye. */

const MOST_SAMPLES = 64;
const SHARE_OF_CELL = 0.8; // length of one stride, in grid cells

export class HeightGrid {
  /**
   * Copy of a surface trace's grid with even spacing.
   * @param {ArrayLike<number>} x columns, rising
   * @param {ArrayLike<number>} y rows, rising
   * @param {ArrayLike<ArrayLike<number>>} z one array a row
   */
  constructor(x, y, z) {
    this.columns = x.length;
    this.rows = y.length;
    this.left = x[0];
    this.right = x[x.length - 1];
    this.low = y[0];
    this.high = y[y.length - 1];
    this.perX = (this.columns - 1) / (this.right - this.left);
    this.perY = (this.rows - 1) / (this.high - this.low);
    this.z = new Float32Array(this.columns * this.rows);
    for (let row = 0; row < this.rows; row++) this.z.set(z[row], row * this.columns);
    this.top = this.z.reduce((a, b) => Math.max(a, b), -Infinity);
  }

  /** @param {number} x @param {number} y */
  contains(x, y) {
    return x >= this.left && x <= this.right && y >= this.low && y <= this.high;
  }

  /** Height of the sheet, between grid points bilinear. Only for points inside. @param {number} x @param {number} y */
  at(x, y) {
    const gx = (x - this.left) * this.perX, gy = (y - this.low) * this.perY;
    const i = Math.min(gx | 0, this.columns - 2), j = Math.min(gy | 0, this.rows - 2);
    const u = gx - i, v = gy - j, k = j * this.columns + i;
    const a = this.z[k] + u * (this.z[k + 1] - this.z[k]);
    const b = this.z[k + this.columns] + u * (this.z[k + this.columns + 1] - this.z[k + this.columns]);
    return a + v * (b - a);
  }

  /**
   * Is the sheet between the point and the eye?
   * @param {number} x @param {number} y @param {number} z data units, on or above the sheet
   * @param {ArrayLike<number>} eye four numbers; the last is 0 for a direction
   */
  hides(x, y, z, eye) {
    const dx = eye[0] - eye[3] * x, dy = eye[1] - eye[3] * y, dz = eye[2] - eye[3] * z;
    // Follow the ray until it leaves the sheet's rectangle or rises above everything.
    let end = eye[3] ? 1 : Infinity;
    if (dx > 0) end = Math.min(end, (this.right - x) / dx);
    else if (dx < 0) end = Math.min(end, (this.left - x) / dx);
    if (dy > 0) end = Math.min(end, (this.high - y) / dy);
    else if (dy < 0) end = Math.min(end, (this.low - y) / dy);
    if (dz > 0) end = Math.min(end, (this.top - z) / dz);
    if (!(end > 0)) return dz < 0;
    if (!Number.isFinite(end)) return dz < 0;
    const cells = end * Math.max(Math.abs(dx) * this.perX, Math.abs(dy) * this.perY);
    const samples = Math.min(MOST_SAMPLES, Math.max(2, Math.ceil(cells / SHARE_OF_CELL)));
    const stride = end / samples;
    for (let i = 1, t = stride; i < samples; i++, t += stride) {
      if (this.at(x + t * dx, y + t * dy) > z + t * dz) return true;
    }
    // Looking up from below: the ray sinks into the sheet or passes under its rim.
    return dz < 0 && this.at(x + end * 0.999 * dx, y + end * 0.999 * dy) > z + end * dz;
  }
}
