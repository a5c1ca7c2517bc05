/** Changes to a spec, each a new value; nothing here touches the page. */

/** @typedef {{name: string, knobs: Record<string, any>}} Call */

const copy = (value) => structuredClone(value);

/** The knobs of an entry with their defaults. */
export const defaults = (entry) =>
  Object.fromEntries(Object.entries(entry.knobs).map(([name, knob]) => [name, copy(knob.default)]));

/** The learning rate that a surface declares good for an optimizer. */
export function goodRate(declared, surface, optimizer) {
  return declared.surfaces[surface].rates[optimizer];
}

/** Another surface: its own knobs and start, and its good rate for every run. */
export function withSurface(spec, declared, name) {
  const entry = declared.surfaces[name];
  const [x, y] = entry.start;
  const start = { name: "point", knobs: { x, y } };
  const runs = spec.runs.map((run) => ({
    ...run,
    knobs: { ...run.knobs, lr: goodRate(declared, name, run.name) },
  }));
  return { ...spec, surface: { name, knobs: defaults(entry) }, start, runs };
}

/** A fresh run of an optimizer, at the surface's good rate. */
export function newRun(spec, declared, name) {
  const knobs = defaults(declared.optimizers[name]);
  return { name, knobs: { ...knobs, lr: goodRate(declared, spec.surface.name, name) } };
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

/** Start at a point. */
export const withPoint = (spec, x, y) => ({ ...spec, start: { name: "point", knobs: { x, y } } });

/** Another kind of start, which keeps the coordinates where both have them. */
export function withStart(spec, declared, name) {
  const knobs = defaults(declared.starts[name]);
  const [x, y] = declared.surfaces[spec.surface.name].start;
  const old = { x, y, ...spec.start.knobs };
  for (const knob of ["x", "y"]) if (knob in knobs) knobs[knob] = old[knob];
  return { ...spec, start: { name, knobs } };
}

/** The call in which a control's knob lives, and its declared knobs. */
function home(spec, declared, part, index) {
  if (part === "surface") return [spec.surface, declared.surfaces[spec.surface.name].knobs];
  if (part === "start") return [spec.start, declared.starts[spec.start.name].knobs];
  const run = spec.runs[index];
  return [run, run && declared.optimizers[run.name].knobs];
}

/** Declaration and value of a knob, `schedule.warmup` for a knob of a knob; null if there is none. */
export function lookUp(spec, declared, { part, index, knob }) {
  if (part === "scenario") return { knob: declared.scenario[knob], value: spec[knob] };
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
  if (part === "scenario") return { ...next, [knob]: value };
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
