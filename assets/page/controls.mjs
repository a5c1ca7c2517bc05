/** Keeps every control of the page showing the spec. */

import { exists, set } from "./bridge.mjs";
import * as fields from "./fields.mjs";
import { control, domId, field, flag } from "./ids.mjs";
import { show, spoken, typed, written as writtenOut } from "./knobs.mjs";
import { questionOf } from "./questions.mjs";
import { entryOf, partsOf, registryOf } from "./scenario.mjs";

/**
 * @typedef {import("./ids.mjs").KnobId} KnobId
 * @typedef {import("./scenario.mjs").Value} Value
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./scenario.mjs").Declared} Declared
 * @typedef {{id: KnobId, value: Value}} Told a control's new content
 */

/** What each control was last known to hold: domId -> content. @type {Map<string, Value>} */
const held = new Map();

/**
 * What was written into each control since a hand was last on it. Dash reports that back as if
 * the visitor had chosen it, on a slow machine long after, when the spec has moved on.
 * @type {Map<string, Set<Value>>}
 */
const written = new Map();

/** Controls with a hand on them that have not said yet what came of it. */
const touched = new Set();

/** Listen for hands on controls. */
export function watch() {
  /** @param {Event} event */
  const touch = ({ target }) => {
    const key = /** @type {Element} */ (target).closest?.('[id^="{"]')?.id;
    if (!key) return;
    written.delete(key);
    touched.add(key);
  };
  for (const kind of ["pointerdown", "keydown", "input"]) document.addEventListener(kind, touch, true);
}

/**
 * What of Dash's report the visitor did: not what was written into a control; nor several knobs
 * of a part at once that no hand was on, which the server has made anew with what it knew then.
 * @param {Told[]} entries
 */
export function byVisitor(entries) {
  /** @param {Told} told */
  const knobOf = ({ id }) => `${id.index} ${id.knob ?? id.flag}`;
  /** @param {Told} entry */
  const isAlone = (entry) =>
    entries.every((other) => other.id.part !== entry.id.part || knobOf(other) === knobOf(entry));
  return entries.filter((entry) => {
    const key = domId(entry.id);
    return !written.get(key)?.has(entry.value) && (isAlone(entry) || touched.has(key));
  });
}

/** Remember what a control holds, because it said so itself. @param {KnobId} id @param {Value} content */
export function remember(id, content) {
  touched.delete(domId(id));
  held.set(domId(id), content);
}

/**
 * A menu holds what was written into it once, and that may be out of date: of two values written
 * soon after one another the first may come back last. `sync` then writes what runs.
 * @param {KnobId} id @param {Value} content
 */
export function hold(id, content) {
  held.set(domId(id), content);
}

/** Forget a part of the page that has been made anew: its controls hold what the server wrote. @param {string} part */
export function forget(part) {
  fields.forget(part);
  for (const key of held.keys()) if (key.includes(`"part":"${part}"`)) held.delete(key);
}

/**
 * @param {{knobs: Record<string, Value>}} call @param {import("./scenario.mjs").Knobs} knobs
 * @param {Declared} declared @returns {Generator<[string, import("./scenario.mjs").Knob, Value]>}
 */
function* knobsOf(call, knobs, declared, prefix = "") {
  for (const [name, value] of Object.entries(call.knobs)) {
    const knob = knobs[name];
    if (!knob) continue;
    yield [prefix + name, knob, value];
    if (knob.kind === "call") {
      yield* knobsOf(value, registryOf(declared, knob)[value.name].knobs, declared, `${prefix}${name}.`);
    }
  }
}

/**
 * Every knob of a spec: [part, index, name, declaration, value].
 * @param {Spec} spec @param {Declared} declared
 * @returns {Generator<[string, number, string, import("./scenario.mjs").Knob, Value]>}
 */
export function* everyKnob(spec, declared) {
  for (const [part, plural, call] of partsOf(spec)) {
    if (part !== "surface") yield [part, 0, "name", { kind: "choice" }, call.name];
    for (const one of knobsOf(call, entryOf(declared, plural, call).knobs, declared)) yield [part, 0, ...one];
  }
  for (const [index, run] of spec.runs.entries()) {
    yield ["run", index, "name", { kind: "choice" }, run.name];
    for (const one of knobsOf(run, entryOf(declared, "optimizers", run).knobs, declared)) {
      yield ["run", index, ...one];
    }
  }
  const part = questionOf(spec).scalars;
  for (const one of knobsOf({ knobs: spec }, declared[part], declared)) yield [part, 0, ...one];
}

/** @type {Record<string, string>} */
const TYPED = { number: "number", integer: "number", text: "text" };

/** @param {KnobId} id @param {"checked"|"value"} property @param {Value} content */
function update(id, property, content) {
  const key = domId(id);
  const before = held.get(key);
  const isSame =
    typeof before === "number" && typeof content === "number" && id.control === "slider"
      ? Math.abs(before - content) < 0.02
      : before === content;
  if (isSame || !exists(id)) return;
  held.set(key, content);
  if (!written.has(key)) written.set(key, new Set());
  written.get(key).add(content);
  set(id, { [property]: content });
}

/**
 * Write the spec into the controls that do not show it yet.
 * @param {Spec} spec
 * @param {Declared} declared
 * @param {KnobId|null} source id of the control that the change came from: left alone
 */
export function sync(spec, declared, source = null) {
  const from = source && domId(source);
  for (const [part, index, name, knob, value] of everyKnob(spec, declared)) {
    if (knob.kind === "flag") {
      update(flag(part, index, name), "checked", value);
      continue;
    }
    if (knob.kind in TYPED) {
      fields.update(field(part, index, name, TYPED[knob.kind]), writtenOut(value),
        (text) => typed(knob, text).value === value);
    }
    for (const kind of knob.kind in TYPED ? (knob.slider ? ["slider"] : []) : ["choice"]) {
      const id = control(part, index, name, kind);
      if (domId(id) !== from) update(id, "value", show(knob, kind, value));
      if (kind === "slider") speak(id, value);
    }
  }
}

/** A log slider would announce its logarithm: say the value instead. @param {KnobId} id @param {Value} value */
function speak(id, value) {
  const thumb = document.getElementById(domId(id))?.querySelector('[role="slider"]');
  thumb?.setAttribute("aria-valuetext", spoken(value));
}
