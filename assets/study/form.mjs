/**
 * The settings of an experiment. A field that is changed says so until it has run: what is shown was
 * measured with something else. What can't be read is said beside its field, and nothing runs.
 */

import { EXPERIMENT } from "../page/questions.mjs";
import { exact, readNumber, refuse } from "../page/typed.mjs";
import { el } from "../player/core/dom.mjs";

/**
 * @typedef {object} Setting a knob; its values as text
 * @property {string} name @property {string} kind @property {string} doc @property {string} allowed
 * @property {string} value that runs @property {string} default
 * @property {string[]} [choices]
 * @typedef {HTMLInputElement|HTMLSelectElement} Field
 */

const WORD = /^\s*[A-Za-z_]\w*\s*$/u; // of a choice or a flag
const CALL = /^\s*[A-Za-z_]\w*\s*(\(.*\))?\s*$/u;

/** Is this one call, so that nothing of it would be read as another setting? @param {string} text */
function isOneCall(text) {
  let depth = 0, ends = 0;
  for (const sign of text.replace(/"[^"]*"/gu, "")) {
    depth += Number(sign === "(") - Number(sign === ")");
    ends += Number(sign === ")" && depth === 0);
    if (depth < 0) return false;
  }
  return CALL.test(text) && depth === 0 && ends < 2 && text.split('"').length % 2 === 1;
}

/**
 * What a field's text means in the query, or why it means nothing.
 * @param {Setting} knob @param {string} text @returns {{text?: string, why?: string}}
 */
export function meant({ kind, allowed }, text) {
  if (kind === "number" || kind === "integer") {
    const { value, why } = readNumber(text);
    return why === undefined ? { text: exact(value) } : { why: `${why} Allowed: ${allowed}.` };
  }
  if (kind === "text") {
    return text.includes('"') ? { why: "No double quote can stand here." } : { text: `"${text.trim()}"` };
  }
  if (!(kind === "call" ? isOneCall(text) : WORD.test(text))) return { why: `Allowed: ${allowed}.` };
  return { text: text.trim() };
}

export class Form {
  /**
   * @param {string} study its name @param {Setting[]} knobs @param {Node[]} more beside the button
   * @param {(query: string, sent: Record<string, string>) => void} run runs a query; its settings, as text
   */
  constructor(study, knobs, more, run) {
    this.study = study;
    this.knobs = knobs;
    this.run = run;
    /** @type {Map<string, Field>} */
    this.fields = new Map(knobs.map((knob) => [knob.name, this.#field(knob)]));
    const start = el("button", { type: "submit", class: "study-run" }, "Run");
    this.root = el("form", { onsubmit: (/** @type {Event} */ event) => this.#asked(event), novalidate: true },
      ...knobs.map((knob) => this.#row(knob)), el("div", { class: "study-buttons" }, start, ...more));
  }

  /** @param {Setting} knob @returns {HTMLInputElement|HTMLSelectElement} */
  #field(knob) {
    const id = `study-knob-${knob.name}`, changed = () => this.#mark(knob);
    if (knob.kind === "choice") {
      const options = knob.choices.map((word) => el("option", { value: word, selected: word === knob.value }, word));
      return el("select", { id, name: knob.name, onchange: changed }, ...options);
    }
    return el("input", {
      id, name: knob.name, value: shown(knob.value), autocomplete: "off", spellcheck: "false", oninput: changed,
      inputmode: knob.kind === "integer" ? "numeric" : null, list: knob.kind === "call" ? `${id}-list` : null,
    });
  }

  /** @param {Setting} knob */
  #row(knob) {
    const id = `study-knob-${knob.name}`;
    const list = knob.kind === "call"
      ? [el("datalist", { id: `${id}-list` }, ...knob.choices.map((value) => el("option", { value })))] : [];
    return el("div", { class: "study-knob", title: `${knob.doc}: ${knob.allowed}` },
      el("label", { for: id }, knob.name.replaceAll("_", " ")), this.fields.get(knob.name), ...list);
  }

  /** What stays in view while presenting. @param {string[]} [names] of knobs */
  keepInView(names = []) {
    for (const [name, field] of this.fields) field.parentElement.toggleAttribute("data-in-view", names.includes(name));
  }

  /** Say of a field whether it shows what runs. @param {Setting} knob */
  #mark(knob) {
    const field = this.fields.get(knob.name), { text, why } = meant(knob, field.value);
    refuse(/** @type {HTMLInputElement} */ (field), why ?? null);
    const note = field.parentElement.querySelector(".study-was"), isNew = why === undefined && text !== knob.value;
    if (!isNew) note?.remove();
    else if (!note) {
      const words = `Shown is ${shown(knob.value)}: press Run.`;
      field.parentElement.append(el("span", { class: "study-was", role: "status" }, words));
    }
    return { text, why };
  }

  /** @param {Event} event */
  #asked(event) {
    event.preventDefault();
    const read = this.knobs.map((knob) => ({ knob, ...this.#mark(knob) }));
    const wrong = read.find(({ why }) => why !== undefined);
    if (wrong) {
      this.fields.get(wrong.knob.name).focus();
      return;
    }
    const given = read.filter(({ knob, text }) => text !== knob.default)
      .map(({ knob, text }) => `${knob.name}=${text}`);
    this.run(EXPERIMENT.text(this.study, given), Object.fromEntries(read.map(({ knob, text }) => [knob.name, text])));
  }

  /** What was sent runs: the fields show it, in our own notation. @param {Record<string, string>} sent */
  accepted(sent) {
    for (const knob of this.knobs) {
      const field = this.fields.get(knob.name), { text } = meant(knob, field.value);
      knob.value = sent[knob.name];
      if (text === knob.value) field.value = shown(knob.value); // else it has been changed again meanwhile
      this.#mark(knob);
    }
  }

  /** The server refused a setting. @param {string|undefined} name @param {string} why */
  refuse(name, why) {
    const field = this.fields.get(name);
    if (!field) return;
    field.parentElement.querySelector(".study-was")?.remove(); // to press Run again is of no use
    refuse(/** @type {HTMLInputElement} */ (field), why);
  }
}

/** A value as its field shows it: a text without its quotes. @param {string} value */
const shown = (value) => value.replace(/^"|"$/gu, "");
