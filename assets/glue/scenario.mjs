/** Changes to a spec, each a new value; nothing here touches the page. */

/** @typedef {{name: string, knobs: Record<string, any>, declared?: object}} Call */

/**
 * The declaration of a call: of the catalogue's, or of the visitor's own, which it carries.
 * @param {object} declared @param {"surfaces"|"optimizers"|"starts"|"schedules"|"noises"|"drifts"} plural
 * @param {Call} call
 */
export const entryOf = (declared, plural, call) => call.declared ?? declared[plural][call.name];

/** Is this the spec of a training in the network lab? */
export const isLab = (spec) => "net" in spec;

/** The calls of a spec besides its runs: part -> where it is declared. */
export const PARTS = {
  surface: "surfaces", start: "starts", net: "networks", data: "datasets", init: "initializers", plane: "planes",
};

/** The part of a spec's plain numbers. */
export const scalarPart = (spec) => (isLab(spec) ? "lab" : "scenario");

const copy = (value) => structuredClone(value);

/** The knobs of an entry with their defaults. */
export const defaults = (entry) =>
  Object.fromEntries(Object.entries(entry.knobs).map(([name, knob]) => [name, copy(knob.default)]));

/** A run with the learning rate that a surface's entry says is good for it; one's own keeps its. */
function withGoodRate(run, entry) {
  const lr = entry.rates[run.name] ?? run.knobs.lr;
  return { ...run, knobs: { ...run.knobs, lr } };
}

/** Another surface: its own knobs and start, and its good rate for every run. */
export function withSurface(spec, declared, name) {
  const entry = declared.surfaces[name];
  const [x, y] = entry.start;
  const start = { name: "point", knobs: { x, y } };
  const runs = spec.runs.map((run) => withGoodRate(run, entry));
  const next = { ...spec, surface: { name, knobs: defaults(entry) }, start, runs };
  return "s" in entry.knobs ? next : { ...next, drift: copy(declared.scenario.drift.default) };
}

/** A fresh run of an optimizer, at the surface's good rate. */
export function newRun(spec, declared, name) {
  const run = { name, knobs: defaults(declared.optimizers[name]) };
  if (isLab(spec)) return withGoodRate(run, { rates: declared.lab_rates });
  return withGoodRate(run, entryOf(declared, "surfaces", spec.surface));
}

/** Runs with one replaced (`given` null: removed; `at` past the end: added). */
export function withRun(spec, at, given) {
  const runs = [...spec.runs];
  runs.splice(at, 1, ...(given ? [given] : []));
  return { ...spec, runs };
}

/** A copy of a run below it. */
export function withCopy(spec, at) {
  const runs = [...spec.runs];
  runs.splice(at + 1, 0, copy(runs[at]));
  return { ...spec, runs };
}

/** Knobs that say how much of the past a run carries on. */
const MEMORY = ["momentum", "beta1"];

const digits = (value, n) => Number(value.toPrecision(n));

/** One thing changed in a run: what of its knobs becomes what. */
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
 * @param {"slower"|"faster"|"noise"|"momentum"} kind @param {number} slope gradient norm at its start
 */
export function withWhatIf(spec, declared, at, kind, slope) {
  const run = copy(spec.runs[at]);
  const made = kind === "momentum" && run.name === "sgd"
    ? { ...newRun(spec, declared, "momentum"), knobs: { ...defaults(declared.optimizers.momentum), lr: run.knobs.lr } }
    : { ...run, knobs: { ...run.knobs, ...CHANGES[kind](run.knobs, slope) } };
  const runs = [...spec.runs];
  runs.splice(at + 1, 0, made);
  return { ...spec, runs };
}

/** Start at a point. */
export const withPoint = (spec, x, y) => ({ ...spec, start: { name: "point", knobs: { x, y } } });

/** Another entry for a part of the lab: its knobs' defaults. */
export const withPart = (spec, declared, part, name) =>
  ({ ...spec, [part]: { name, knobs: defaults(declared[PARTS[part]][name]) } });

/** Another kind of start, which keeps the coordinates where both have them. */
export function withStart(spec, declared, name) {
  const knobs = defaults(declared.starts[name]);
  const [x, y] = entryOf(declared, "surfaces", spec.surface).start;
  const old = { x, y, ...spec.start.knobs };
  for (const knob of ["x", "y"]) if (knob in knobs) knobs[knob] = old[knob];
  return { ...spec, start: { name, knobs } };
}

/** The call in which a control's knob lives, and its declared knobs. */
function home(spec, declared, part, index) {
  if (part === scalarPart(spec)) return [{ knobs: spec }, declared[part]];
  if (PARTS[part] && spec[part]) return [spec[part], entryOf(declared, PARTS[part], spec[part]).knobs];
  const run = spec.runs[index];
  return [run, run && entryOf(declared, "optimizers", run).knobs];
}

/** Declaration and value of a knob, `schedule.warmup` for a knob of a knob; null if there is none. */
export function lookUp(spec, declared, { part, index, knob }) {
  let [call, knobs] = home(spec, declared, part, index);
  const path = knob.split(".");
  for (const name of path.slice(0, -1)) {
    const inner = call?.knobs[name];
    if (!inner) return null;
    knobs = declared[knobs[name].registry][inner.name].knobs;
    call = inner;
  }
  const name = path.at(-1);
  return call && name in call.knobs ? { knob: knobs[name], value: call.knobs[name] } : null;
}

/** The spec with one knob changed. A knob that is a call takes a name, and that entry's defaults. */
export function withKnob(spec, declared, { part, index, knob }, value) {
  const next = copy(spec);
  let [call, knobs] = home(next, declared, part, index);
  const path = knob.split(".");
  for (const name of path.slice(0, -1)) {
    knobs = declared[knobs[name].registry][call.knobs[name].name].knobs;
    call = call.knobs[name];
  }
  const name = path.at(-1);
  const registry = knobs[name].kind === "call" ? declared[knobs[name].registry] : null;
  call.knobs[name] = registry ? { name: value, knobs: defaults(registry[value]) } : value;
  return next;
}
