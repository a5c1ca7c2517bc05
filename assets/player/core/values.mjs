/** What the curves show: a column per line, made from the store; of many starts the quartiles. */

import { FEW } from "../views/paint.mjs";

/** @typedef {"loss"|"gradient"|"lr"|"test"|"away"} Kind */

/** @type {{value: Kind, label: string, title: string, word?: string}[]} */
export const KINDS = [
  { value: "loss", label: "loss", title: "Loss at each step", word: "loss" },
  { value: "gradient", label: "gradient", title: "Gradient norm at each step", word: "gradient norm" },
  { value: "lr", label: "lr", title: "Learning rate at each step", word: "lr" },
];

/** The same of a training. @type {{value: Kind, label: string, title: string, word?: string}[]} */
export const LAB_KINDS = [
  { value: "loss", label: "loss", title: "Training loss at each step" },
  { value: "test", label: "test", title: "Test loss at each step" },
  { value: "away", label: "away", title: "Distance out of the plane" },
  ...KINDS.slice(1),
];

/** @type {Partial<Record<Kind, "loss"|"gradNorm"|"testLoss"|"away">>} */
const COLUMNS = { loss: "loss", gradient: "gradNorm", test: "testLoss", away: "away" };

const FAR_ABOVE = 100; // times the highest start
const FAR_AWAY = 1e4; // a distance from the plane may begin at 0: from here on a run explodes

const QUARTERS = [0.25, 0.5, 0.75];

/**
 * Lower quartile, median and upper quartile, interpolated between neighbours. A start that has
 * ended (NaN) has diverged and counts as infinitely high; so does the outcome of the server.
 * @param {Float32Array} values sorted in place @returns {number[]}
 */
export function quartiles(values) {
  for (let i = 0; i < values.length; i++) if (values[i] !== values[i]) values[i] = Infinity;
  values.sort(); // numeric for typed arrays
  return QUARTERS.map((share) => {
    const at = share * (values.length - 1), part = at % 1, low = values[Math.floor(at)], high = values[Math.ceil(at)];
    return low === high ? low : low * (1 - part) + high * part;
  });
}

export class Values {
  /**
   * @param {import("./store.mjs").RunStore} store @param {Kind} kind
   * @param {number} best the lowest loss in view @param {number} highest loss on the map, -Infinity without one
   */
  constructor(store, kind, best, highest = -Infinity) {
    this.store = store;
    this.kind = kind;
    this.best = best;
    this.highest = highest;
    this.perLane = kind !== "lr" && (store.lanes === 1 || store.runs * store.lanes <= FEW);
    // A log axis needs values above 0: where the lowest loss is below 0, show the gap to it.
    this.shift = kind === "loss" && best < 0 ? best : 0;
    /** Lower quartile, median and upper quartile of each run. @type {Float32Array[][]|null} */
    this.quartiles = this.perLane || kind === "lr" ? null : Array.from({ length: store.runs }, () =>
      QUARTERS.map(() => new Float32Array(store.rows)));
    this.low = Infinity;
    this.high = -Infinity;
    this.most = { lr: Number.MAX_VALUE, away: FAR_AWAY, loss: highest - this.shift, gradient: 0, test: 0 }[kind];
    this.rows = 0;
  }

  /**
   * Made of the same?
   * @param {import("./store.mjs").RunStore} store @param {Kind} kind @param {number} best @param {number} highest
   */
  isOf(store, kind, best, highest) {
    return this.store === store && this.kind === kind && this.best === best && this.highest === highest;
  }

  get #source() {
    return this.store[COLUMNS[this.kind]] ?? this.store.loss;
  }

  /** @param {{run: number, lane: number}} series @param {number} row */
  at({ run, lane }, row) {
    if (this.kind === "lr") return this.store.lr[run][row];
    if (this.quartiles) return this.quartiles[run][1][row];
    return this.#source[run][lane * this.store.rows + row] - this.shift;
  }

  /** Take in the rows that have arrived since the last call. */
  update() {
    const { store } = this, to = store.received;
    if (this.kind === "gradient") this.#raiseByLoss(to);
    for (let run = 0; run < store.runs; run++) {
      if (this.quartiles) this.#fillQuartiles(run, to);
      for (let row = this.rows; row < to; row++) {
        for (let lane = 0; lane < (this.perLane ? store.lanes : 1); lane++) {
          const value = this.at({ run, lane }, row);
          if (row === 0 && this.kind !== "lr") this.#raise(value);
          this.#widen(value);
        }
        if (this.quartiles) for (const side of [0, 2]) this.#widen(this.quartiles[run][side][row]);
      }
    }
    this.rows = to;
  }

  /** @param {number} value */
  #widen(value) {
    if (value > 0 && value < this.low) this.low = value;
    if (value > this.high && value <= this.most) this.high = value;
  }

  /** What a diverging run adds above this leaves the frame, so that the others stay readable. @param {number} start */
  #raise(start) {
    if (start < Infinity) this.most = Math.max(this.most, FAR_ABOVE * start);
  }

  /** A start on level ground has no gradient: what a run shows before its loss is far above or below counts.
   * @param {number} to
   */
  #raiseByLoss(to) {
    const { store, best } = this;
    for (let run = 0; run < store.runs; run++) {
      const loss = store.loss[run], slope = store.gradNorm[run];
      for (let k = 0; k < loss.length; k += store.rows) {
        const room = Math.max(this.highest - best, FAR_ABOVE * (loss[k] - best));
        for (let row = this.rows; row < to; row++) {
          const isNear = Math.abs(loss[k + row] - best) <= room;
          if (isNear && slope[k + row] < Infinity) this.most = Math.max(this.most, slope[k + row]);
        }
      }
    }
  }

  /** @param {number} run @param {number} to */
  #fillQuartiles(run, to) {
    const { store } = this, lanes = new Float32Array(store.lanes), source = this.#source[run];
    for (let row = this.rows; row < to; row++) {
      for (let lane = 0, k = row; lane < store.lanes; lane++, k += store.rows) lanes[lane] = source[k];
      quartiles(lanes).forEach((value, i) => (this.quartiles[run][i][row] = value - this.shift));
    }
  }
}
