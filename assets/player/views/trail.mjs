/** The path of one run (one start) on the screen, as vertices, and how it is stroked. */

/** What leads to a vertex: nothing (a new beginning), a line in view, a line behind the hill. */
export const MOVE = 0, SEEN = 1, HIDDEN = 2;

const CLOSEST = 0.7; // px: nearer vertices add nothing that one could see

export class Trail {
  constructor() {
    // Empty until used: with thousands of starts there are as many trails, and none is drawn.
    this.x = new Float32Array(0);
    this.y = new Float32Array(0);
    this.row = new Float32Array(0);
    this.by = new Uint8Array(0);
    this.size = this.rows = this.painted = 0;
  }

  clear() {
    this.size = 0;
    this.rows = 0; // rows of the store that are in
    this.painted = 0; // vertices already stroked
  }

  /** @param {number} x @param {number} y @param {number} row may be between two rows @param {number} by */
  add(x, y, row, by) {
    const n = this.size;
    if (n && by !== MOVE && Math.abs(x - this.x[n - 1]) + Math.abs(y - this.y[n - 1]) < CLOSEST) {
      return;
    }
    if (n === this.x.length) this.#grow();
    this.x[n] = x;
    this.y[n] = y;
    this.row[n] = row;
    this.by[n] = n ? by : MOVE;
    this.size = n + 1;
  }

  #grow() {
    const room = Math.max(64, 2 * this.x.length);
    /** @template {Float32Array|Uint8Array} A @param {A} bigger @param {A} old */
    const filled = (bigger, old) => (bigger.set(old), bigger);
    for (const name of /** @type {const} */ (["x", "y", "row"])) {
      this[name] = filled(new Float32Array(room), this[name]);
    }
    this.by = filled(new Uint8Array(room), this.by);
  }

  /** How many vertices belong to rows up to this one. @param {number} row */
  upTo(row) {
    return countUpTo(this.row, this.size, row);
  }

  /**
   * Add vertices from..to (exclusive) to paths: what is seen, and what the hill hides.
   * @param {Path2D|CanvasRenderingContext2D} seen
   * @param {Path2D|CanvasRenderingContext2D|null} hidden
   * @param {number} from @param {number} to
   */
  trace(from, to, seen, hidden) {
    let pen = null; // the path whose current point is the vertex before
    for (let i = Math.max(from, 1); i < to; i++) {
      const path = this.by[i] === SEEN ? seen : this.by[i] === HIDDEN ? hidden : null;
      if (path) {
        if (path !== pen) path.moveTo(this.x[i - 1], this.y[i - 1]);
        path.lineTo(this.x[i], this.y[i]);
      }
      pen = path;
    }
  }
}

/**
 * How many of the first `size` rows, which rise, are not beyond one.
 * @param {ArrayLike<number>} rows @param {number} size @param {number} row
 */
export function countUpTo(rows, size, row) {
  let low = 0, high = size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The part of a segment inside a rectangle, as two shares of its length, or null.
 * @param {{left: number, right: number, low: number, high: number}} box
 * @returns {[number, number]|null}
 * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1
 */
export function clip(x0, y0, x1, y1, box) {
  let from = 0, to = 1;
  const edges = [
    [x0 - x1, x0 - box.left], [x1 - x0, box.right - x0],
    [y0 - y1, y0 - box.low], [y1 - y0, box.high - y0],
  ];
  for (const [slope, room] of edges) {
    if (slope === 0) {
      if (room < 0) return null;
    } else if (slope < 0) from = Math.max(from, room / slope);
    else to = Math.min(to, room / slope);
  }
  return from <= to ? [from, to] : null;
}
