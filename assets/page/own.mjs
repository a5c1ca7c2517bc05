/** Formulas of one's own: from a spec to the editor's fields, and back. Nothing here touches the page. */

import { entryOf } from "./scenario.mjs";
import { readNumber } from "./typed.mjs";

/**
 * @typedef {object} Form what the editor's fields hold
 * @property {string} text
 * @property {(number|string)[]} bounds
 * @property {number|string} lr
 * @property {{name: string, value: number|string}[]} knobs
 *
 * @typedef {{message: string, position?: number, nearest?: string, key?: string}} Fault in a text
 * @typedef {import("./scenario.mjs").Call} Call
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./scenario.mjs").Declared} Declared
 */

/** @type {Form} */
const BLANK = { text: "v = beta*v + g\nx = x - lr*v", lr: 0.01, bounds: [], knobs: [{ name: "beta", value: 0.9 }] };
/** @type {import("./scenario.mjs").Knobs} */
const TEXTS = { f: { kind: "text" }, bounds: { kind: "text" }, text: { kind: "text" } };
/** The sides of the region. */
export const SIDES = ["x from", "x to", "y from", "y to"];
const NUMBER_OR_NAME = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*/gu;
const START_AT = [0.2, 0.8]; // where a formula begins: this share of the way across, and up

/**
 * What the editor begins with: a copy of what there is.
 * @param {Spec} spec @param {Declared} declared @param {"surface"|"run"} part @param {number} index @returns {Form}
 */
export function prefilled(spec, declared, part, index) {
  if (part === "surface") {
    const { surface } = spec, entry = entryOf(declared, "surfaces", surface);
    return { text: surface.knobs.f ?? entry.formula, bounds: [...entry.bounds], lr: 0,
      knobs: listed(surface, Object.keys(entry.knobs)) };
  }
  const run = spec.runs[index];
  if (!run) return structuredClone(BLANK);
  const entry = entryOf(declared, "optimizers", run);
  /** @type {string} */
  const rule = run.knobs.text ?? entry.rule;
  const text = rule.split(/[;\n]/u).map((line) => line.trim()).join("\n");
  return { text, bounds: [], lr: run.knobs.lr, knobs: listed(run, entry.own) };
}

/**
 * The knobs that a copy declares, with the values they have now; a flag is 0 or 1 in a formula.
 * @param {Call} call @param {string[]} names
 */
const listed = (call, names) => names
  .filter((name) => !(name in TEXTS) && name !== "lr" && name !== "s")
  .map((name) => ({ name, value: Number(call.knobs[name]) }));

/** @param {number|string} text */
const valueOf = (text) => readNumber(String(text)).value;
/** What is wrong with a number, if anything. @param {string} name @param {number|string} text */
function wrong(name, text) {
  const { why } = readNumber(String(text));
  return why && { message: `${name}: ${why}` };
}

/**
 * What is missing before the server can be asked, or null.
 * @param {Form} form @param {"surface"|"run"} part @returns {Fault|null}
 */
export function written({ text, bounds, lr, knobs }, part) {
  const quote = text.indexOf('"');
  if (quote >= 0) {
    return { message: "A double quote has no meaning in a formula.", position: quote, key: ".text" };
  }
  if (!text.trim()) return { message: "Write a formula." };
  const numbers = part === "surface" ? bounds.map((text, i) => wrong(SIDES[i], text)) : [wrong("lr", lr)];
  const bad = numbers.find(Boolean) ?? knobs.map(({ name, value }) => /^[A-Za-z_]\w*$/u.test(name)
    ? wrong(`Knob ${name}`, value)
    : { message: `Knob ${name || "without a name"}: it needs a name of letters and digits.` }).find(Boolean);
  if (bad) return bad;
  const names = knobs.map(({ name }) => name), twice = names.find((name, i) => names.indexOf(name) < i);
  return twice ? { message: `There are two knobs called ${twice}.` } : null;
}

/** The names in a formula: `2x` holds x, `2e3x` too. @param {string} text */
const namesIn = (text) => text.match(NUMBER_OR_NAME)?.filter((word) => /^[A-Za-z_]/u.test(word)) ?? [];

/** The knobs that the text does not read. @param {Form} form */
export const unread = ({ text, knobs }) =>
  knobs.map(({ name }) => name).filter((name) => name && !namesIn(text).includes(name));

/**
 * The spec with the surface or the run that the form describes.
 * @param {Spec} spec @param {Declared} declared @param {"surface"|"run"} part
 * @param {number} index @param {Form} form @param {boolean} [isCopy] a run that is added below that one
 * @returns {Spec}
 */
export function drafted(spec, declared, part, index, form, isCopy = false) {
  const own = Object.fromEntries(form.knobs.map(({ name, value }) => [name, valueOf(value)]));
  const names = Object.keys(own);
  if (part === "run") {
    const knobs = { text: form.text, lr: valueOf(form.lr), ...own };
    const runs = [...spec.runs];
    const place = isCopy ? index + 1 : Math.min(index, runs.length);
    runs.splice(place, isCopy ? 0 : 1, { name: "rule", knobs, declared: { own: names, knobs: TEXTS } });
    return { ...spec, runs };
  }
  const bounds = form.bounds.map(valueOf);
  const surface = { name: "formula", knobs: { f: form.text, bounds: bounds.join(","), ...own },
    declared: { own: names, knobs: TEXTS } };
  const next = { ...spec, surface, start: begin(spec.start, bounds) };
  return namesIn(form.text).includes("s") ? next : { ...next, drift: declared.scenario.drift.default };
}

/**
 * The same start when it lies in the region, else the one that a formula begins with.
 * @param {Call} start @param {number[]} bounds @returns {Call}
 */
function begin(start, [left, right, low, high]) {
  const { x, y } = start.knobs;
  if (start.name !== "point" || (x >= left && x <= right && y >= low && y <= high)) return start;
  const at = [left + START_AT[0] * (right - left), low + START_AT[1] * (high - low)];
  return { name: "point", knobs: { x: Number(at[0].toPrecision(3)), y: Number(at[1].toPrecision(3)) } };
}
