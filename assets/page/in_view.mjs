/** `knobs=…`: what stays in view while presenting, to be moved in front of a class. */

import { el } from "../player/core/dom.mjs";
import { asked, onAsked } from "./asked.mjs";
import { everyKnob } from "./controls.mjs";
import { IN_VIEW } from "./ids.mjs";
import { position, spoken, typed, valueAt, written } from "./knobs.mjs";
import { registryOf } from "./scenario.mjs";
import { refuse } from "./typed.mjs";
import * as viewing from "./viewing.mjs";

/**
 * @typedef {import("./asked.mjs").Asked} Asked
 * @typedef {import("./scenario.mjs").Where} Where
 * @typedef {{where: Where, knob: import("./scenario.mjs").Knob, value: import("./scenario.mjs").Value}} Found
 * @typedef {(where: Where, value: import("./scenario.mjs").Value, slides: boolean) => void} Move
 */

const EDITED = ["text", "f", "bounds"]; // of one's own: not moved

/** @type {Move} */
let move = () => {};
/** What is in view: the key of each control, and how it follows its value. @type {Map<string, (value: any) => void>} */
const shown = new Map();
let shape = "";

/**
 * All that a race or a training has to move, by name: `lr` of every run, `tilt` of the surface.
 * @param {Asked} asked @returns {Map<string, Found[]>} under `tilt` and under `surface.tilt`
 */
export function movable({ spec, declared }) {
  /** @type {Map<string, Found[]>} */
  const found = new Map();
  for (const [part, index, name, knob, value] of everyKnob(spec, declared)) {
    if (name === "name" || EDITED.includes(name)) continue;
    const full = `${part}.${name}`;
    found.set(full, [...(found.get(full) ?? []), { where: { part, index, knob: name }, knob, value }]);
  }
  for (const [full, places] of [...found]) { // of two parts that have it, the one that has a slider for it
    const name = full.slice(full.indexOf(".") + 1), other = found.get(name);
    if (!other || (!other[0].knob.slider && places[0].knob.slider)) found.set(name, places);
  }
  return found;
}

/** What a place is called: the run's own name, or what the knob is. @param {Where} where @param {Asked} asked */
function named({ part, index, knob }, { spec }) {
  const words = knob.split(".").at(-1).replaceAll("_", " ");
  if (part !== "run") return words;
  const run = viewing.current().names?.runs[index] || spec.runs[index].name;
  return knob === "lr" ? `${run} lr` : `${run} ${words}`;
}

/** The sign of the run that a place is of. @param {Where} where */
function sign({ part, index }) {
  if (part !== "run") return [];
  const style = (viewing.current().styles?.[index] ?? index + 1) - 1, shapes = 8;
  return [el("span", {
    class: `marker shape-${style < shapes ? style : shapes / 2 + (style % 4)}`, style: `--run: var(--run-${style})`,
    "aria-hidden": "true",
  })];
}

/** @param {Found} found @param {Asked} now */
function control({ where, knob, value }, now) {
  const name = named(where, now), label = { "aria-label": name };
  const said = el("output", {}), caption = [...sign(where), el("span", { class: "in-view-name" }, name)];
  /** @param {HTMLElement} input @param {(value: any) => void} follow */
  const made = (input, follow) => {
    follow(value);
    shown.set(JSON.stringify(where), follow);
    return el("label", { class: "in-view-knob" }, ...caption, input, ...(knob.slider ? [said] : []));
  };
  if (knob.slider) {
    const [low, high, step] = knob.slider;
    const slid = () => move(where, valueAt(knob, Number(slider.value)), true);
    const slider = el("input", { type: "range", min: low, max: high, step, ...label, oninput: slid });
    return made(slider, (now_) => {
      if (document.activeElement !== slider) slider.value = String(position(knob, now_));
      slider.setAttribute("aria-valuetext", spoken(now_));
      said.textContent = spoken(written(now_));
    });
  }
  if (knob.kind === "flag") {
    const box = el("input", { type: "checkbox", ...label, onchange: () => move(where, box.checked, false) });
    return made(box, (now_) => (box.checked = now_));
  }
  if (["number", "integer", "text"].includes(knob.kind)) {
    const field = el("input", { type: "text", inputmode: "decimal", ...label, onchange: () => {
      const { value: wanted, why } = typed(knob, field.value, "another number");
      refuse(field, why ?? null);
      if (why === undefined) move(where, wanted, false);
    } });
    return made(field, (now_) => (field.value = written(now_)));
  }
  const words = knob.choices ?? Object.keys(registryOf(now.declared, knob));
  const list = el("select", { ...label, onchange: () => move(where, list.value, false) },
    ...words.map((word) => el("option", { value: word }, word.replaceAll("_", " "))));
  return made(list, (now_) => (list.value = now_?.name ?? now_));
}

function show() {
  const place = document.getElementById(IN_VIEW), now = asked();
  if (!place || !now) return;
  const all = movable(now), { knobs = [], names, styles } = viewing.current();
  const places = knobs.flatMap((name) => all.get(name) ?? []);
  const next = JSON.stringify([places.map(({ where }) => [where, named(where, now)]), names, styles]);
  if (next !== shape || !place.childNodes.length) {
    shape = next;
    shown.clear();
    place.replaceChildren(...places.map((found) => control(found, now)));
  }
  for (const { where, value } of places) shown.get(JSON.stringify(where))(value);
}

/** @param {Move} how a knob is moved */
export function watch(how) {
  move = how;
  onAsked(show);
  viewing.onChange(show);
}
