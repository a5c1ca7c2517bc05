/**
 * How runs look and what they are called. A run has a slot, which is its colour and its shape: the
 * one that the link gives it (`styles`), else the lowest that is free; so it keeps it for life.
 */

/**
 * @typedef {object} Look the viewing keys that the player draws by
 * @property {number[]} styles each run's slot, from 1; 0 or left out: the lowest that is free
 * @property {string[]} names what runs are called; "" or left out: as the server labels them
 * @property {string} surface what the surface is called, or ""
 * @property {string} [title] what the link is titled
 *
 * @typedef {import("./stream.mjs").Header} Header
 */

/** As many as there can be runs. */
export const SLOTS = 12;

/**
 * The slots of so many runs, from 1, no two alike.
 * @param {number} count @param {number[]} [given] some of them; 0: none
 */
export function slots(count, given = []) {
  const wanted = Array.from({ length: count }, (_, run) => given[run] ?? 0), taken = new Set(wanted);
  let free = 0;
  return wanted.map((slot) => {
    if (slot) return slot;
    do free += 1; while (taken.has(free));
    return free;
  });
}

/** @type {Look} */
const PLAIN = { styles: [], names: [], surface: "" };

let look = PLAIN;
let worn = slots(SLOTS);

/** Look so from now on. @param {Look} next */
export function wear(next) {
  look = next;
  worn = slots(SLOTS, next.styles.slice(0, SLOTS));
}

/** A run's slot, from 0: everything that draws a run asks here. @param {number} run */
export const slotOf = (run) => worn[run] - 1;

/** Changes when runs look otherwise. */
export const lookMark = () => worn.join();

/** Give the runs of a stream their names; `own` is then what the server labelled them. @param {Header} header */
export function call({ runs }) {
  runs.forEach((run, i) => {
    run.own ??= run.label;
    run.label = look.names[i] || run.own;
  });
}

/** What the link is titled, if it is. */
export const linkTitle = () => look.title;

/** What the surface is called, if it has a name of its own. */
export const surfaceName = () => look.surface;

/** What a label says in full: of a run with a name of its own, its rule too. @param {Header["runs"][number]} run */
export const inFull = ({ label, own = label }) => (own === label ? label : `${label} (${own})`);
