/** The numbers of one race, in columns: what the stream has brought so far. */

/**
 * @typedef {import("./stream.mjs").Header} Header
 * @typedef {Float32Array[]} Columns one a run
 */

/** What a training measures at every row besides the race's numbers: field of the stream -> column. */
const MORE = /** @type {const} */ ({
  height: "height", slice_loss: "sliceLoss", test_loss: "testLoss", accuracy: "accuracy", test_accuracy: "testAccuracy",
  out_of_plane: "away",
});

export class RunStore {
  /** @param {Header} header */
  constructor(header) {
    this.header = header;
    this.runs = header.runs.length;
    this.lanes = header.lanes;
    this.rows = header.rows;
    this.steps = header.steps;
    this.stride = header.stride;
    this.received = 0; // whole rows
    this.lowest = Infinity; // loss so far
    /** @type {import("./stream.mjs").Trailer|import("./stream.mjs").LabTrailer|null} */
    this.trailer = null;
    const columns = () =>
      Array.from({ length: this.runs }, () => new Float32Array(this.lanes * this.rows).fill(NaN));
    // Column index of a point: lane * rows + row.
    this.x = columns();
    this.y = columns();
    this.loss = columns();
    this.gradNorm = columns();
    // Where the answer is, of the runs whose rule names it apart; null for the others.
    /** @type {(Float32Array|null)[]} */
    this.xEval = Array(this.runs).fill(null);
    /** @type {(Float32Array|null)[]} */
    this.yEval = Array(this.runs).fill(null);
    this.lr = Array.from({ length: this.runs }, () => new Float32Array(this.rows));
    // Every start's own rate, where a schedule watches the loss; else null.
    this.ownLr = header.fields.includes("lr") ? columns() : null;
    this.height = this.sliceLoss = this.testLoss = this.accuracy = this.testAccuracy = this.away =
      /** @type {Columns|undefined} */ (undefined); // a race has none of them
    /** Place in a lane's fields, and column. @type {[number, Columns][]} */
    this.more = Object.entries(MORE).filter(([field]) => header.fields.includes(field))
      .map(([field, name]) => [header.fields.indexOf(field), (this[name] = columns())]);
    // Rows each lane has before it ended; equal to `received` while it is alive.
    this.alive = Array.from({ length: this.runs }, () => new Int32Array(this.lanes));
  }

  /** The step of the last row received, or -1. */
  get lastStep() {
    return this.received ? this.stepOf(this.received - 1) : -1;
  }

  /** @param {Float32Array} values whole frames @param {number} rows how many */
  accept(values, rows) {
    const { fields } = this.header;
    const at = ["x", "y", "loss", "grad_norm", "x_eval", "y_eval", "lr"].map((name) => fields.indexOf(name));
    const [ix, iy, il, ig, iu, iv, ir] = at;
    const isNowhere = Boolean(this.header.plane?.missing); // a training without a plane has no places
    let i = 0;
    for (let row = this.received; row < this.received + rows; row++) {
      for (let run = 0; run < this.runs; run++) {
        this.lr[run][row] = values[i++];
        const x = this.x[run], y = this.y[run], loss = this.loss[run], grad = this.gradNorm[run];
        const alive = this.alive[run];
        for (let lane = 0, k = row; lane < this.lanes; lane++, k += this.rows) {
          x[k] = values[i + ix];
          y[k] = values[i + iy];
          loss[k] = values[i + il];
          if (loss[k] < this.lowest) this.lowest = loss[k];
          grad[k] = values[i + ig];
          for (const [at, column] of this.more) column[run][k] = values[i + at];
          if (this.ownLr) this.ownLr[run][k] = values[i + ir];
          // Not-a-number from the first missing row on: a lane never comes back.
          if (alive[lane] === row && (isNowhere ? Number.isFinite(loss[k]) : x[k] === x[k] && y[k] === y[k])) {
            alive[lane] = row + 1;
          }
          if (iu >= 0 && values[i + iu] === values[i + iu]) this.#answer(run, k, values[i + iu], values[i + iv]);
          i += fields.length;
        }
      }
    }
    this.received += rows;
  }

  /** @param {number} run @param {number} k @param {number} x @param {number} y */
  #answer(run, k, x, y) {
    if (!this.xEval[run]) {
      for (const columns of [this.xEval, this.yEval]) {
        columns[run] = new Float32Array(this.lanes * this.rows).fill(NaN);
      }
    }
    this.xEval[run][k] = x;
    this.yEval[run][k] = y;
  }

  /** Where a drifting surface is at a step, from 0 to 1; null while it stands still. @param {number} step */
  morphAt(step) {
    const { s } = this.header;
    return s ? s[Math.round((step / this.steps) * (s.length - 1))] : null;
  }

  /** @param {number} row @returns {number} its step: the last row may be closer than a stride */
  stepOf(row) {
    return Math.min(row * this.stride, this.steps);
  }

  /** The (fractional) row of a (fractional) step. @param {number} step */
  rowAt(step) {
    const last = this.rows - 1;
    const before = (last - 1) * this.stride; // step of the row before the last
    if (last < 1) return 0;
    if (step <= before) return Math.max(0, step / this.stride);
    return Math.min(last, last - 1 + (step - before) / (this.stepOf(last) - before));
  }

  /**
   * One recorded point, or null when the lane had ended or has not come that far.
   * @param {number} run @param {number} lane @param {number} row
   */
  point(run, lane, row) {
    if (row < 0 || row >= this.alive[run][lane]) return null;
    const k = lane * this.rows + row;
    return {
      run, lane, row, step: this.stepOf(row), x: this.x[run][k], y: this.y[run][k],
      loss: this.loss[run][k], gradNorm: this.gradNorm[run][k], lr: this.ownLr?.[run][k] ?? this.lr[run][row],
    };
  }
}
