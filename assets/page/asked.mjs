/** What is asked now, for parts of the page that show it and do not change it themselves. */

/**
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./scenario.mjs").Declared} Declared
 * @typedef {{spec: Spec, declared: Declared}} Asked
 */

/** @type {Asked|null} */
let now = null;
/** @type {((asked: Asked) => void)[]} */
const listeners = [];

/** Null before a page has said it, and on pages that ask nothing of this kind. */
export const asked = () => now;

/** @param {(asked: Asked) => void} fn called when another question is asked, or its controls are made anew */
export const onAsked = (fn) => listeners.push(fn);

/** @param {Spec} spec @param {Declared} declared */
export function tell(spec, declared) {
  now = { spec, declared };
  listeners.forEach((fn) => fn(now));
}
