/**
 * The viewing keys of this page: what changes what is seen, and never a number. The server reads
 * them (nnopt_viz/query/viewing.py); here they are kept, changed and written into the link.
 */

import { exact } from "./typed.mjs";

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

/** In the order of the link, as write_viewing does it. @type {Record<keyof Viewing, (value: any) => string>} */
const WRITERS = {
  title: String,
  note: String,
  names: (/** @type {{runs: string[], surface: string}} */ { runs, surface }) =>
    [...runs, ...(surface ? [`surface:${surface}`] : [])].join(","),
  styles: (numbers) => numbers.join(","),
  view: (/** @type {View} */ view) =>
    `map(${PARTS.filter((name) => name in view).map((name) => `${name}=${part(view[name])}`).join(",")})`,
  at: ({ step, plays }) => `${step}${plays ? ",play" : ""}`,
  present: String,
  knobs: (names) => names.join(","),
  hide: (groups) => groups.join(","),
};

/** Of a view, in their order. @type {(keyof View)[]} */
const PARTS = ["x", "y", "height", "levels", "arrows", "eye", "shows"];

/** @param {unknown} value @returns {string} */
function part(value) {
  if (Array.isArray(value)) return `(${value.map(part).join(",")})`;
  return typeof value === "number" ? exact(value) : String(value);
}

/** As percent_encode of the server's writes a text. @param {string} text */
const encode = (text) => encodeURIComponent(text).replaceAll("'", "%27")
  .replace(/%(24|2C|2F|3A|3B|3D|3F|40)/gu, decodeURIComponent);

/** @type {Viewing} */
let now = {};
/** @type {((viewing: Viewing) => void)[]} */
const listeners = [];

/** What is seen now; not to be changed. @returns {Readonly<Viewing>} */
export const current = () => now;

const NOTHING = ["", "map()"]; // what is written of what says nothing

/** Does a key's value say nothing? @param {string} key @param {unknown} value @returns {boolean} */
const isEmpty = (key, value) => value === undefined || value === null || value === false
  || NOTHING.includes(WRITERS[/** @type {keyof Viewing} */ (key)](value));

/** Is this part of an address, `key=value`, a viewing key's? @param {string} text */
export const isViewing = (text) => text.split("=")[0] in WRITERS;

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
  const made = Object.entries({ ...now, ...changes }).filter(([key, value]) => !isEmpty(key, value));
  adopt(Object.fromEntries(made));
}

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
    .filter((key) => !isEmpty(key, viewing[key]))
    .map((key) => `${key}=${encode(WRITERS[key](viewing[key]))}`)
    .join("&");

/** A question's query with viewing keys behind it: those of now. @param {string} query @param {Viewing} [viewing] */
export const beside = (query, viewing = now) => [query, text(viewing)].filter(Boolean).join("&");
