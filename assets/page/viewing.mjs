/**
 * The viewing keys of this page: what changes what is seen, and never a number. The server reads
 * them (nnopt_viz/query/viewing.py); here they are kept, changed and written into the link.
 */

import { encode } from "./query.mjs";

/**
 * @typedef {object} Viewing
 * @property {string} [title]
 * @property {string} [note]
 * @property {{runs: string[], surface: string}} [names] what runs and surface are called; "": as they are
 * @property {number[]} [styles] each run's colour and shape, from 1
 * @property {View} [view]
 * @property {{step: number|"end", plays: boolean}} [at] the step that is shown first
 * @property {boolean} [present]
 * @property {string[]} [knobs] what stays in view while presenting
 * @property {string[]} [hide]
 *
 * @typedef {object} View
 * @property {[number, number]} [x]
 * @property {[number, number]} [y]
 * @property {"log"|"linear"} [height]
 * @property {number} [levels]
 * @property {boolean} [arrows]
 * @property {[number, number, number]} [eye]
 * @property {"map"|"scene"|"loss"} [shows]
 */

/** In the order of the link. @type {Record<keyof Viewing, (value: any) => string>} */
const WRITERS = {
  title: String,
  note: String,
  names: (/** @type {{runs: string[], surface: string}} */ { runs, surface }) =>
    [...runs, ...(surface ? [`surface:${surface}`] : [])].join(","),
  styles: (numbers) => numbers.join(","),
  view: (/** @type {object} */ view) =>
    `map(${Object.entries(view).map(([name, value]) => `${name}=${part(value)}`).join(",")})`,
  at: ({ step, plays }) => `${step}${plays ? ",play" : ""}`,
  present: String,
  knobs: (names) => names.join(","),
  hide: (groups) => groups.join(","),
};

/** @param {unknown} value */
const part = (value) => (Array.isArray(value) ? `(${value.join(",")})` : String(value));

/** @type {Viewing} */
let now = {};
/** @type {((viewing: Viewing) => void)[]} */
const listeners = [];

/** What is seen now; not to be changed. @returns {Readonly<Viewing>} */
export const current = () => now;

/** Does a value say nothing? @param {unknown} value @returns {boolean} */
function isEmpty(value) {
  if (value === null || value === undefined || value === "" || value === false) return true;
  return typeof value === "object" && !("step" in value) && Object.values(value).every(isEmpty);
}

/** Call back when a viewing key has changed. @param {(viewing: Viewing) => void} fn */
export function onChange(fn) {
  listeners.push(fn);
}

/** Take what the server read from an address. @param {Viewing|null} given */
export function adopt(given) {
  if (JSON.stringify(given ?? {}) === JSON.stringify(now)) return;
  now = given ?? {};
  listeners.forEach((fn) => fn(now));
}

/** Change some keys; an empty value takes one out. @param {Partial<Viewing>} changes */
export function change(changes) {
  const made = Object.entries({ ...now, ...changes }).filter(([, value]) => !isEmpty(value));
  adopt(Object.fromEntries(made));
}

/** In the order of the link. @type {(keyof View)[]} */
const PARTS = ["x", "y", "height", "levels", "arrows", "eye", "shows"];

/** Change parts of the view; undefined takes one out. @param {Partial<View>} changes */
export function see(changes) {
  /** @type {View} */
  const made = { ...now.view, ...changes };
  const entries = PARTS.map((name) => [name, made[name]]).filter(([, value]) => value !== undefined && value !== false);
  change({ view: Object.fromEntries(entries) });
}

/** The keys as text: `title=Four%20fates&at=40`, or nothing. @param {Viewing} [viewing] */
export const text = (viewing = now) =>
  /** @type {(keyof Viewing)[]} */ (Object.keys(WRITERS))
    .filter((key) => !isEmpty(viewing[key]))
    .map((key) => `${key}=${encode(WRITERS[key](viewing[key]))}`)
    .join("&");

/** A question's query with the viewing keys behind it. @param {string} query */
export const beside = (query) => [query, text()].filter(Boolean).join("&");
