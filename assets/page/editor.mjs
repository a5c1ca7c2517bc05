/**
 * The editor for a surface or a rule of one's own: checked by the server as one types, the
 * error marked under its character, with a preview of what comes of it.
 */

import { el } from "../player/core/dom.mjs";
import { ask, jsonOf } from "../player/core/server.mjs";
import { drafted, prefilled, SIDES, unread, written } from "./own.mjs";
import { CodeField } from "./code_field.mjs";
import { exact, readNumber } from "./typed.mjs";
import { Preview } from "./preview.mjs";
import { textOf } from "./questions.mjs";
import { asName, MOST_NAME } from "./runs.mjs";

const PAUSE = 150; // ms without a key before the server is asked
const TITLES = { surface: "Your own surface", run: "Your own optimizer" };
/** What it is called without a name of its own. */
const NAMES = { surface: "Your own surface", run: "rule" };
const ADDED = " It races beside the run that it is a copy of.";
const HINTS = {
  surface: "The loss as a formula in x and y. Gradient and Hessian follow by themselves. A name you declare as "
    + "a knob gets a slider; s is what the world does to the surface, from 0 to 1. "
    + "x^2, x², 2x, |x|, ln, min and max are read too.",
  run: "One assignment a line, run in order at every step. It reads x, the gradient g, the loss f, the step t and lr. "
    + "A name read before it is assigned is remembered and starts at 0. x -= lr*g, 2x, x² and |x| are read too.",
};

/**
 * @typedef {import("./own.mjs").Spec} Spec
 * @typedef {object} Edited
 * @property {Spec} spec @property {import("./own.mjs").Declared} declared @property {"surface"|"run"} part
 * @property {number} index @property {boolean} isCopy a run that is added below that one
 * @property {string} name its own, or ""
 */

/** The open dialog. @type {HTMLDialogElement|null} */
let shown = null;

/**
 * @param {Edited} what is edited
 * @param {(next: Spec, name: string) => void} apply takes the new spec, and what it is called
 */
export function open(what, apply) {
  shown?.close();
  const editor = new Editor(what, apply);
  document.body.append(editor.dialog);
  editor.dialog.showModal();
  shown = editor.dialog;
}

/** @param {Event} event of a text field */
const typed = (event) => /** @type {HTMLInputElement} */ (event.target).value;

class Editor {
  /** @param {Edited} what @param {(next: Spec, name: string) => void} apply */
  constructor({ spec, declared, part, index, isCopy, name }, apply) {
    this.spec = spec;
    this.declared = declared;
    this.part = part;
    this.index = index;
    this.isCopy = isCopy;
    this.name = el("input", { type: "text", value: name, maxlength: String(MOST_NAME), spellcheck: "false",
      autocomplete: "off", placeholder: NAMES[part] });
    this.apply = apply;
    this.form = prefilled(spec, declared, part, index);
    /** @type {AbortController|null} */
    this.abort = null;
    this.timer = 0;
    this.code = new CodeField(part === "surface" ? "f =" : "each step", this.form.text, () => this.changed());
    this.preview = new Preview(part);
    this.message = el("p", { class: "ed-message", role: "status" });
    this.knobs = el("div", { class: "ed-knobs" });
    this.go = el("button", { type: "submit", class: "ed-button ed-go" }, "Race it");
    this.dialog = this.#dialog();
    this.#showKnobs();
    this.check();
  }

  #dialog() {
    const { part } = this;
    const close = el("button", { type: "button", class: "ed-button", onclick: () => this.dialog.close() }, "Cancel");
    const words = this.declared.language[part].map((word) => el("button", {
      type: "button", class: "ed-word", onclick: () => this.code.insert(word),
    }, word));
    const title = el("h2", { id: "ed-title" }, TITLES[part]);
    const submit = (/** @type {Event} */ event) => this.#submit(event);
    const body = el("form", { method: "dialog", class: "ed-form", onsubmit: submit },
      title, el("p", { class: "ed-hint" }, HINTS[part] + (this.isCopy ? ADDED : "")), this.code.root, this.message,
      el("details", { class: "ed-words" }, el("summary", {}, "Functions"), el("div", {}, ...words)),
      el("label", { class: "ed-name" }, el("span", {}, "Name"), this.name),
      part === "surface" ? this.#region() : this.#rate(), this.knobs, this.preview.root,
      el("div", { class: "ed-buttons" }, close, this.go));
    const dialog = el("dialog", { class: "editor", "aria-labelledby": "ed-title" }, body);
    dialog.addEventListener("close", () => {
      this.abort?.abort();
      clearTimeout(this.timer);
      dialog.remove();
      if (shown === dialog) shown = null;
    });
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation(); // space and arrows belong to the text here
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#submit(event);
    });
    return dialog;
  }

  /** The region shown: four numbers. */
  #region() {
    return el("div", { class: "ed-row" }, ...SIDES.map((name, i) => number(name, this.form.bounds[i], (value) => {
      this.form.bounds[i] = value;
      this.changed();
    })));
  }

  #rate() {
    return el("div", { class: "ed-row" }, number("lr", this.form.lr, (value) => {
      this.form.lr = value;
      this.changed();
    }));
  }

  #showKnobs() {
    const rows = this.form.knobs.map((knob, i) => el("div", { class: "ed-knob" },
      el("input", { type: "text", value: knob.name, "aria-label": `Name of knob ${i + 1}`, spellcheck: "false",
        oninput: (/** @type {Event} */ event) => this.#rename(i, typed(event)) }),
      number("", knob.value, (value) => {
        knob.value = value;
        this.changed();
      }, `Value of knob ${i + 1}`),
      el("button", { type: "button", class: "ed-button", "aria-label": `Remove knob ${i + 1}`,
        onclick: () => this.#remove(i) }, "×")));
    const add = el("button", { type: "button", class: "ed-button ed-add", onclick: () => this.addKnob("") }, "+ Knob");
    this.knobs.replaceChildren(el("h3", {}, "Knobs"), ...rows, add);
  }

  /** @param {number} i @param {string} name */
  #rename(i, name) {
    this.form.knobs[i].name = name.trim();
    this.changed();
  }

  /** @param {number} i */
  #remove(i) {
    this.form.knobs.splice(i, 1);
    this.#showKnobs();
    this.changed();
  }

  /** Declare a knob; its field is ready to be typed in when it has no name yet. @param {string} name */
  addKnob(name) {
    this.form.knobs.push({ name, value: 1 });
    this.#showKnobs();
    if (name) this.changed();
    else this.knobs.querySelector(".ed-knob:last-of-type input").focus();
  }

  changed() {
    this.form.text = this.code.text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  /** Ask the server what the text means. @returns {Promise<boolean>} whether it can be raced */
  async check() {
    clearTimeout(this.timer);
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    const problem = written(this.form, this.part);
    if (problem) return this.#refuse(problem);
    const next = this.#drafted(this.form);
    const alone = this.part === "run"
      ? { ...next, runs: [next.runs[Math.min(this.index + Number(this.isCopy), next.runs.length - 1)]] } : next;
    try {
      const body = await ask(`/check.json?${textOf(alone, this.declared)}`, {
        signal, read: (answer) => jsonOf(answer, signal),
        onWait: () => this.#refuse({ message: "The server has not read it yet. Your text is still here." }),
      });
      if (body.error) return this.#refuse(body.error);
      this.#accept(body);
      return true;
    } catch (error) {
      if (!signal.aborted) throw error;
      return false;
    }
  }

  /** @param {import("./preview.mjs").Explained} body */
  #accept(body) {
    this.code.mark(null);
    this.dialog.dataset.state = "good";
    const idle = unread(this.form);
    const and = idle.length ? ` ${idle.join(", ")} ${idle.length > 1 ? "are" : "is"} not read by it.` : "";
    this.message.replaceChildren(this.preview.show(body) + and,
      ...body.notes.map((note) => el("span", { class: "ed-note" }, note)));
    this.go.disabled = false;
  }

  /** Show what is wrong, and a way to mend it. @param {import("./own.mjs").Fault} fault */
  #refuse({ message, position, nearest, key }) {
    const isText = position !== undefined && (key ?? "").match(/\.(f|text)$/u);
    const word = isText ? this.code.mark(position) : this.code.mark(null);
    this.dialog.dataset.state = "bad";
    this.preview.fade();
    this.go.disabled = true;
    /** @type {[string, () => void][]} */
    const ways = [];
    if (word && nearest) ways.push(["Use " + nearest, () => this.code.replace(position, word, nearest)]);
    if (word && /^Unknown name/u.test(message)) ways.push([`Make ${word} a knob`, () => this.addKnob(word)]);
    this.message.replaceChildren(message, ...ways.map(([label, act]) =>
      el("button", { type: "button", class: "ed-button ed-way", onclick: act }, label)));
    return false;
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    if (!(await this.check())) return;
    const form = { ...this.form, text: this.code.text.split("\n").map((line) => line.trim()).filter(Boolean)
      .join(this.part === "run" ? "; " : " ") };
    this.dialog.close();
    this.apply(this.#drafted(form), asName(this.name.value));
  }

  /** @param {import("./own.mjs").Form} form */
  #drafted(form) {
    return drafted(this.spec, this.declared, this.part, this.index, form, this.isCopy);
  }
}

/** @param {string} label @param {number|string} value @param {(value: string) => void} onchange */
function number(label, value, onchange, spoken = label) {
  const mark = () => input.setAttribute("aria-invalid", String(readNumber(input.value).why !== undefined));
  const input = el("input", { type: "text", inputmode: "decimal", "aria-label": spoken, autocomplete: "off",
    value: typeof value === "number" ? exact(value) : value, oninput: (/** @type {Event} */ event) => {
      mark();
      onchange(typed(event));
    } });
  mark();
  return label ? el("label", {}, el("span", {}, label), input) : input;
}
