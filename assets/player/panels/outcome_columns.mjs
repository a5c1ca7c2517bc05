/** The columns of the outcome table: what each says, and by what it is sorted. */

import { compact, counted, percent } from "../core/format.mjs";

/**
 * @typedef {import("../core/stream.mjs").Outcome} Outcome
 * @typedef {object} Column
 * @property {string} name its class @property {string} head @property {string} [title]
 * @property {(outcome: Outcome) => number} by sorts the rows: the smaller the better
 * @property {(outcome: Outcome) => string} [text] none: the table makes its content
 * @property {boolean} [isDown] what it shows falls where `by` rises
 */

const ROUNDING = 1e-12;

/** @param {number|null} value */
const orLast = (value) => value ?? Infinity;
/** Not finite: what has diverged. @param {number|null} value */
const high = (value) => compact(value ?? Infinity);

/** @type {Column} */
const RUN = { name: "name", head: "Run", by: ({ run }) => run };

/** @type {Column[]} */
const ONE = [
  { name: "where", head: "where, x and y", by: ({ x }) => orLast(x),
    text: ({ x, y }) => (x === null ? "–" : `${compact(x, 3)}, ${compact(y, 3)}`) },
  { name: "when", head: "settled at", title: "the step from which it stays at the minimum",
    by: ({ first_within: step }) => orLast(step), text: ({ first_within: step }) => String(step ?? "–") },
  { name: "loss", head: "loss", title: "at the end", by: ({ loss }) => orLast(loss),
    text: ({ loss }) => compact(loss) },
];
/** Where a loss gap was asked for, a run reaches it when it first comes within it. @type {Partial<Column>} */
const ASKED = {
  head: "reached at", title: "the first step within the loss gap asked for, tol; of a local minimum, the step from "
    + "which it stays within it",
};
/** @type {Column} */
const GAP = {
  name: "gap", head: "gap", title: "loss minus that of the global minimum; – where there is none",
  by: ({ gap }) => orLast(gap), text: ({ gap }) => compact(gap),
};

/** @type {Column[]} */
const MANY = [
  { name: "reached", head: "reached", title: "starts that ended in the global minimum, and their share", isDown: true,
    by: ({ starts }) => -starts.share, text: ({ lanes, starts: { reached, share } }) =>
      `${reached} of ${lanes}, ${percent(share)}` },
  { name: "loss", head: "median loss", by: ({ starts }) => orLast(starts.median),
    text: ({ starts }) => high(starts.median),
    title: "half of the starts ended below it; a start that diverged counts as infinitely high" },
  { name: "spread", head: "quartiles", by: ({ starts }) => orLast(starts.upper) - (starts.lower ?? 0),
    title: "the middle half of the starts ended between these two losses; sorted by the distance between them",
    text: ({ starts: { lower, upper } }) => `${high(lower)} to ${high(upper)}` },
];

/**
 * The columns for these outcomes.
 * @param {Outcome[]} outcomes @param {number} steps @param {boolean} isMany had each run several starts?
 * @param {(verdict: string) => number} rank of a verdict
 * @param {boolean} isAsked was a loss gap asked for?
 * @returns {Column[]}
 */
export function columnsOf(outcomes, steps, isMany, rank, isAsked = false) {
  const verdict = { name: "verdict", head: `After ${counted(steps, "step")}`,
    by: (/** @type {Outcome} */ o) => rank(o.verdict) };
  // Where the best loss is 0 but for rounding, the gap to it is the loss: one column says both.
  const hasGaps = !isMany && outcomes.some(({ gap, loss }) =>
    Math.abs((gap ?? loss) - loss) > ROUNDING && compact(gap ?? loss) !== compact(loss));
  const one = ONE.map((column) => (isAsked && column.name === "when" ? { ...column, ...ASKED } : column));
  return [RUN, verdict, ...(isMany ? MANY : one), ...(hasGaps ? [GAP] : [])];
}

/**
 * The outcomes in the order of a column; those that it can't tell apart stay in theirs.
 * @param {Outcome[]} outcomes @param {Column|undefined} column @param {boolean} isTurned
 */
export function sorted(outcomes, column, isTurned) {
  if (!column || outcomes.some(({ verdict }) => !verdict)) return outcomes; // still racing
  const sign = isTurned ? -1 : 1;
  return [...outcomes].sort((a, b) => {
    const [p, q] = [column.by(a), column.by(b)];
    return p === q ? a.run - b.run : sign * (p < q || Number.isNaN(q) ? -1 : 1);
  });
}
