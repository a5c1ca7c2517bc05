/** Changes to a spec, each a new value; nothing here touches the page. */

/**
 * @typedef {import("../player/core/stream.mjs").Call} Call
 * @typedef {import("../player/core/stream.mjs").Spec} Spec
 *
 * @typedef {any} Value of a knob, by its kind: a number, a word, a flag, or a Call
 * @typedef {object} Knob what `page/declared.py` says of one
 * @property {"number"|"integer"|"choice"|"flag"|"call"|"text"} kind
 * @property {Value} [default]
 * @property {number|null} [low] of a number; null: without an end
 * @property {number|null} [high] likewise
 * @property {boolean} [open_low] the end itself is not allowed
 * @property {boolean} [open_high] likewise
 * @property {[number, number, number, boolean]} [slider] low, high, step; whether they are logarithms
 * @property {string} [registry] where a call is declared
 * @property {string[]} [choices] the words of a choice
 *
 * @typedef {Record<string, Knob>} Knobs
 * @typedef {object} Entry of a registry; or of the visitor's own, which then lacks what is not needed
 * @property {Knobs} knobs
 * @property {string[]} [own] the knobs that are its own, as against those of every run
 * @property {string} [rule] of an optimizer
 * @property {string} [formula] of a surface, which alone has what follows
 * @property {[number, number]} [start]
 * @property {[number, number, number, number]} [bounds] left, right, low, high
 * @property {Record<string, number>} [rates] optimizer -> a rate that is good for it
 *
 * @typedef {Record<string, Entry>} Registry
 * @typedef {object} Format a way to take the numbers away
 * @property {string} name the suffix @property {string} label
 * @property {string[]} kinds of question that can be had so
 * @property {"rows"|"marks"} [of] what it holds a limited number of @property {number} [most] how many
 * @property {string} [words] why not, with {count} and {most}
 *
 * @typedef {object} Declared what `page/declared.py` says of all that can be chosen
 * @property {Registry} surfaces @property {Registry} optimizers @property {Registry} starts
 * @property {Registry} schedules @property {Registry} noises @property {Registry} drifts
 * @property {Registry} networks @property {Registry} datasets @property {Registry} initializers
 * @property {Registry} planes
 * @property {Knobs} scenario the plain numbers of a race, and its drift @property {Knobs} lab likewise
 * @property {Record<string, number>} lab_rates
 * @property {Record<string, {about: string, words: string}>} about what each optimizer is, and by what it is found
 * @property {number} max_runs
 * @property {Format[]} formats
 * @property {{surface: string[], run: string[]}} language names that a formula may use
 *
 * @typedef {"surfaces"|"optimizers"|"starts"|"networks"|"datasets"|"initializers"|"planes"} Plural
 * @typedef {"surface"|"start"|"net"|"data"|"init"|"plane"} Part
 * @typedef {"slower"|"faster"|"noise"|"momentum"} WhatIf
 * @typedef {{part: string, index: number, knob: string}} Where a knob is; a part of PARTS, "run", "scenario" or "lab"
 */

/**
 * The registry in which a knob's calls are declared.
 * @param {Declared} declared @param {Knob} knob @returns {Registry}
 */
export const registryOf = (declared, { registry }) => declared[/** @type {Plural} */ (registry)];

/**
 * The declaration of a call: of the catalogue's, or of the visitor's own, which it carries.
 * @param {Declared} declared @param {Plural} plural @param {Call} call
 * @returns {Entry}
 */
export const entryOf = (declared, plural, call) => call.declared ?? declared[plural][call.name];

/** The calls of a spec besides its runs: part -> where it is declared. @type {Record<Part, Plural>} */
export const PARTS = {
  surface: "surfaces", start: "starts", net: "networks", data: "datasets", init: "initializers", plane: "planes",
};

/** The calls that a spec has besides its runs. @param {Spec} spec @returns {[Part, Plural, Call][]} */
export const partsOf = (spec) => /** @type {[Part, Plural][]} */ (Object.entries(PARTS))
  .filter(([part]) => spec[part]).map(([part, plural]) => [part, plural, spec[part]]);

/** @template T @param {T} value @returns {T} */
const copy = (value) => structuredClone(value);

/** The knobs of an entry with their defaults. @param {Entry} entry */
export const defaults = (entry) =>
  Object.fromEntries(Object.entries(entry.knobs).map(([name, knob]) => [name, copy(knob.default)]));

/**
 * A run with the learning rate that is said to be good for it; one's own keeps its.
 * @param {Call} run @param {Record<string, number>} rates
 */
function withGoodRate(run, rates) {
  const lr = rates[run.name] ?? run.knobs.lr;
  return { ...run, knobs: { ...run.knobs, lr } };
}

/**
 * Another surface: its own knobs and start, and its good rate for every run.
 * @param {Spec} spec @param {Declared} declared @param {string} name
 */
export function withSurface(spec, declared, name) {
  const entry = declared.surfaces[name];
  const [x, y] = entry.start;
  const start = { name: "point", knobs: { x, y } };
  const runs = spec.runs.map((run) => withGoodRate(run, entry.rates));
  const next = { ...spec, surface: { name, knobs: defaults(entry) }, start, runs };
  return "s" in entry.knobs ? next : { ...next, drift: copy(declared.scenario.drift.default) };
}

/**
 * A fresh run of an optimizer, at the rate that is good for it.
 * @param {Declared} declared @param {string} name @param {Record<string, number>} rates
 */
export const newRun = (declared, name, rates) =>
  withGoodRate({ name, knobs: defaults(declared.optimizers[name]) }, rates);

/**
 * Runs with one replaced (`given` null: removed; `at` past the end: added).
 * @param {Spec} spec @param {number} at @param {Call|null} given
 */
export function withRun(spec, at, given) {
  const runs = [...spec.runs];
  runs.splice(at, 1, ...(given ? [given] : []));
  return { ...spec, runs };
}

/** A copy of a run below it. @param {Spec} spec @param {number} at */
export function withCopy(spec, at) {
  const runs = [...spec.runs];
  runs.splice(at + 1, 0, copy(runs[at]));
  return { ...spec, runs };
}

/** Knobs that say how much of the past a run carries on. */
const MEMORY = ["momentum", "beta1"];

/** @param {number} value @param {number} n */
const digits = (value, n) => Number(value.toPrecision(n));

/**
 * One thing changed in a run: what of its knobs becomes what.
 * @type {Record<string, (knobs: Call["knobs"], slope: number) => Call["knobs"]>}
 */
const CHANGES = {
  slower: ({ lr }) => ({ lr: digits(lr / 2, 6) }),
  faster: ({ lr }) => ({ lr: digits(lr * 2, 6) }),
  noise: (_knobs, slope) => ({ noise: { name: "gaussian", knobs: { scale: digits(slope / 4, 1) || 0.1 } } }),
  momentum(knobs) {
    const name = MEMORY.find((memory) => memory in knobs);
    return { [name]: knobs[name] ? 0 : 0.9 };
  },
};

/**
 * The same run with one thing changed, beside it.
 * @param {Spec} spec @param {Declared} declared @param {number} at
 * @param {WhatIf} kind @param {number} slope gradient norm at its start
 */
export function withWhatIf(spec, declared, at, kind, slope) {
  const run = copy(spec.runs[at]);
  const made = kind === "momentum" && run.name === "sgd"
    ? { name: "momentum", knobs: { ...defaults(declared.optimizers.momentum), lr: run.knobs.lr } }
    : { ...run, knobs: { ...run.knobs, ...CHANGES[kind](run.knobs, slope) } };
  const runs = [...spec.runs];
  runs.splice(at + 1, 0, made);
  return { ...spec, runs };
}

/**
 * A run like one of them with one thing changed, after all the others.
 * @param {Spec} spec @param {number} of @param {Call} call as the server changed it
 */
export function withChanged(spec, of, call) {
  const run = copy(spec.runs[of]);
  const made = run.name === call.name ? { ...run, knobs: { ...run.knobs, ...call.knobs } } : copy(call);
  return withRun(spec, spec.runs.length, made);
}

/**
 * Start at a place on the map.
 * @param {Spec} spec @param {Declared} declared @param {{x: number, y: number}} place
 * @param {boolean} [hasOneWeight] y stays as it is
 */
export function startingAt(spec, declared, { x, y }, hasOneWeight = false) {
  const { bounds: [left, right, low, high], start } = entryOf(declared, "surfaces", spec.surface);
  const kept = spec.start.knobs.y ?? start[1];
  const knobs = { x: tidy(x, right - left), y: hasOneWeight ? kept : tidy(y, high - low) };
  return { ...spec, start: { name: "point", knobs } };
}

/** A coordinate with as many digits as a pixel is worth. @param {number} value @param {number} width */
function tidy(value, width) {
  const unit = 10 ** Math.floor(Math.log10(width / 500));
  return Number((Math.round(value / unit) * unit).toPrecision(12));
}

/**
 * Another entry for a part of the lab: its knobs' defaults.
 * @param {Spec} spec @param {Declared} declared @param {Part} part @param {string} name
 */
export const withPart = (spec, declared, part, name) =>
  ({ ...spec, [part]: { name, knobs: defaults(declared[PARTS[part]][name]) } });

/**
 * Another kind of start, which keeps the coordinates where both have them.
 * @param {Spec} spec @param {Declared} declared @param {string} name
 */
export function withStart(spec, declared, name) {
  const knobs = defaults(declared.starts[name]);
  const [x, y] = entryOf(declared, "surfaces", spec.surface).start;
  const old = { x, y, ...spec.start.knobs };
  for (const knob of /** @type {const} */ (["x", "y"])) if (knob in knobs) knobs[knob] = old[knob];
  return { ...spec, start: { name, knobs } };
}

/**
 * The call in which a control's knob lives, and its declared knobs.
 * @param {Spec} spec @param {Declared} declared @param {string} part @param {number} index
 * @returns {[{knobs: Record<string, Value>}, Knobs]}
 */
function home(spec, declared, part, index) {
  if (part === "scenario" || part === "lab") return [{ knobs: spec }, declared[part]];
  for (const [known, plural, call] of partsOf(spec)) {
    if (known === part) return [call, entryOf(declared, plural, call).knobs];
  }
  const run = spec.runs[index];
  return [run, run && entryOf(declared, "optimizers", run).knobs];
}

/**
 * Declaration and value of a knob, `schedule.warmup` for a knob of a knob; null if there is none.
 * @param {Spec} spec @param {Declared} declared @param {Where} where
 */
export function lookUp(spec, declared, { part, index, knob }) {
  let [call, knobs] = home(spec, declared, part, index);
  const path = knob.split(".");
  for (const name of path.slice(0, -1)) {
    const inner = call?.knobs[name];
    if (!inner) return null;
    knobs = registryOf(declared, knobs[name])[inner.name].knobs;
    call = inner;
  }
  const name = path.at(-1);
  return call && name in call.knobs ? { knob: knobs[name], value: call.knobs[name] } : null;
}

/**
 * The spec with one knob changed. A knob that is a call takes a name, and that entry's defaults.
 * @param {Spec} spec @param {Declared} declared @param {Where} where @param {Value} value
 */
export function withKnob(spec, declared, { part, index, knob }, value) {
  const next = copy(spec);
  let [call, knobs] = home(next, declared, part, index);
  const path = knob.split(".");
  for (const name of path.slice(0, -1)) {
    knobs = registryOf(declared, knobs[name])[call.knobs[name].name].knobs;
    call = call.knobs[name];
  }
  const name = path.at(-1);
  const registry = knobs[name].kind === "call" ? registryOf(declared, knobs[name]) : null;
  call.knobs[name] = registry ? { name: value, knobs: defaults(registry[value]) } : value;
  return next;
}
