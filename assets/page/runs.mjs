/**
 * What runs keep when others come and go: colour, shape and name, which are viewing keys; and runs
 * that are added beside one. Each change is a new value; nothing here touches the page.
 */

import { slots } from "../player/core/looks.mjs";
import { lookUp } from "./scenario.mjs";

/**
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./viewing.mjs").Viewing} Viewing
 */

export const MOST_NAME = 40; // characters
/** In words, and the factor. @type {[string, number][]} */
const SWEEP = [["×¼", 1 / 4], ["×4", 4]];

/**
 * The look that the viewing keys ask for.
 * @param {Readonly<Viewing>} viewing @returns {import("../player/core/looks.mjs").Look}
 */
export const lookOf = ({ styles = [], names, title }) =>
  ({ styles, names: names?.runs ?? [], surface: names?.surface ?? "", title });

/**
 * Where each run was before; -1: it is new. As many runs are the same ones, perhaps changed; else
 * those that are the same value.
 * @param {Spec["runs"]} before @param {Spec["runs"]} after
 */
const origins = (before, after) =>
  after.map((run, i) => (before.length === after.length ? i : before.indexOf(run)));

/**
 * The viewing keys that keep every run its slot, and its name as long as its rule is the same; the
 * surface its name as long as it is chosen. A new run has the lowest slot that is free.
 * @param {Readonly<Viewing>} viewing @param {Spec} before @param {Spec} after
 * @returns {Pick<Viewing, "styles"|"names">}
 */
export function kept({ styles, names }, before, after) {
  const from = origins(before.runs, after.runs), had = slots(before.runs.length, styles);
  const found = slots(from.length, from.map((i) => had[i] ?? 0));
  const runs = from.map((i, at) =>
    (i >= 0 && before.runs[i].name === after.runs[at].name ? names?.runs[i] ?? "" : ""));
  const isSame = before.surface?.name === after.surface?.name;
  return { styles: inOrder(found), names: { runs: trimmed(runs), surface: isSame ? names?.surface ?? "" : "" } };
}

/** Slots in the order of the runs are what goes without saying. @param {number[]} styles */
const inOrder = (styles) => (styles.every((slot, i) => slot === i + 1) ? [] : styles);

/** @param {string[]} names without the empty ones at the end */
const trimmed = (names) => names.slice(0, names.findLastIndex(Boolean) + 1);

/**
 * The names with one given, or taken away.
 * @param {Readonly<Viewing>} viewing @param {"surface"|"run"} part @param {number} index @param {string} name
 * @returns {Pick<Viewing, "names">}
 */
export function withName({ names = { runs: [], surface: "" } }, part, index, name) {
  if (part === "surface") return { names: { ...names, surface: name } };
  const runs = Array.from({ length: Math.max(names.runs.length, index + 1) }, (_, i) => names.runs[i] ?? "");
  runs[index] = name;
  return { names: { ...names, runs: trimmed(runs) } };
}

/** A name as it may stand in a link: commas part names there. @param {string} text */
export function asName(text) {
  const clean = text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069,]/gu, " ")
    .replace(/^\s*surface:/u, "");
  return [...clean.replace(/\s+/gu, " ").trim()].slice(0, MOST_NAME).join("").trim();
}

/** @param {number} lr @param {import("./scenario.mjs").Knob} knob */
const isAllowed = (lr, { low, high, open_low: openLow, open_high: openHigh }) =>
  !((low ?? -Infinity) > lr || (high ?? Infinity) < lr || (openLow && lr === low) || (openHigh && lr === high));

/**
 * The same run at a quarter of its rate and at four times it, below it: as far as there is room, and
 * as the rate allows.
 * @param {Spec} spec @param {import("./scenario.mjs").Declared} declared @param {number} at
 * @returns {{next: Spec, left: string[]}} left: what was left out, and why
 */
export function swept(spec, declared, at) {
  const run = spec.runs[at], { knob } = lookUp(spec, declared, { part: "run", index: at, knob: "lr" });
  /** @type {string[]} */
  const left = [];
  const runs = [...spec.runs];
  let place = at;
  for (const [said, factor] of SWEEP) {
    const made = structuredClone(run), lr = (made.knobs.lr = Number((run.knobs.lr * factor).toPrecision(6)));
    if (!isAllowed(lr, knob)) left.push(`${said} was left out: lr can't be ${lr}.`);
    else if (runs.length >= declared.max_runs) {
      left.push(`${said} was left out: there are ${runs.length} runs, the most there can be.`);
    } else runs.splice((place += 1), 0, made);
  }
  return { next: { ...spec, runs }, left };
}
