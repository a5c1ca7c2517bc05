/**
 * The Share dialog: the page as a link, with what is chosen in it. The page stays as it is until the
 * link is opened; title and note alone are its own, and it takes them on.
 */

import { el, segmented } from "../player/core/dom.mjs";
import { asked } from "./asked.mjs";
import { question } from "./history.mjs";
import { PAGE, TITLED } from "./ids.mjs";
import { movable } from "./in_view.mjs";
import { write } from "./link.mjs";
import { frame, plain, within } from "./shared.mjs";
import * as viewing from "./viewing.mjs";

/** Where each group of `hide` is on a page; assets/css/hiding.css leaves it out. @type {Record<string, string>} */
export const PLACES = {
  surface: ".section-surface", runs: ".section-runs", start: ".section-start", link: "#link-text",
  export: ".export-button", scene: ".scene-stage", curves: ".curves", outcome: ".outcome",
  closer: ".body > .stage .looker",
  navigation: ".nav", lessons: ".lesson-list",
};
const MOST = { title: 80, note: 280 }; // characters, as query/viewing.py has them
const COPIED_FOR = 1500; // ms

/** @typedef {{step: "start"|"now"|"end", plays: boolean}} Opening */

/** @type {Share|null} */
let shown = null;

/** Open the dialog. */
export function open() {
  shown?.dialog.close();
  shown = new Share();
  document.body.append(shown.dialog);
  shown.dialog.showModal();
}

/** A text to be taken away, that is not read out whenever it changes. @param {string} label */
const text = (label) => el("div", {
  class: "share-link", tabindex: 0, role: "textbox", "aria-readonly": "true", "aria-label": label,
});

class Share {
  constructor() {
    const now = viewing.current();
    /** What the link will say. @type {import("./viewing.mjs").Viewing} */
    this.viewing = { ...now };
    this.step = window.nnopt?.state().step ?? 0;
    /** @type {Opening} */
    this.opening = { step: "start", plays: true };
    this.link = text("The link");
    this.frame = text("To embed the page");
    const done = el("form", { method: "dialog", class: "ed-form", onsubmit: () => this.#done() },
      el("h2", { id: "share-title" }, "Share this page"),
      ...this.#words(), ...this.#playback(), ...this.#presenting(), ...this.#hiding(),
      this.#taken("The link", this.link, "Copy link"), ...this.#embedding(),
      el("div", { class: "ed-buttons" },
        el("button", { type: "button", class: "ed-button", onclick: () => this.dialog.close() }, "Cancel"),
        el("button", { type: "submit", class: "ed-button ed-go" }, "Done")));
    this.dialog = el("dialog", { class: "editor share", "aria-labelledby": "share-title" }, done);
    this.dialog.addEventListener("close", () => this.dialog.remove());
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // not the player's
    this.#write();
  }

  /** @param {Partial<import("./viewing.mjs").Viewing>} changes */
  #set(changes) {
    Object.assign(this.viewing, changes);
    this.#write();
  }

  #write() {
    const address = viewing.beside(question(), this.viewing);
    this.url = `${location.origin}${location.pathname}${address && `?${address}`}`;
    this.link.textContent = this.url;
    this.frame.textContent = frame(this.url, this.viewing.title || document.title);
  }

  /** Title and note, with how much of them there may be. */
  #words() {
    /** @param {"title"|"note"} key @param {string} label @param {string} hint */
    const field = (key, label, hint) => {
      const count = el("span", { class: "share-count" });
      const input = el(key === "note" ? "textarea" : "input", {
        "aria-label": label, placeholder: hint, rows: key === "note" ? 2 : null, oninput: () => {
          const taken = within(input.value, MOST[key]);
          if (taken !== input.value) input.value = taken;
          tell();
          this.#set({ [key]: plain(input.value) });
        },
      });
      const tell = () => (count.textContent = `${[...input.value].length} of ${MOST[key]}`);
      input.value = this.viewing[key] ?? "";
      tell();
      return el("label", { class: "share-words" }, el("span", {}, label, count), input);
    };
    if (!document.getElementById(TITLED)) return [field("title", "Title", "In the tab")];
    return [
      field("title", "Title", "Above the page, and in the tab"), field("note", "Note", "A sentence or two below it"),
    ];
  }

  /** At which step it opens, and whether it plays: of a race or a training. */
  #playback() {
    if (!asked() || document.querySelector(".lesson")) return [];
    const { at } = this.viewing;
    if (at) {
      const isNow = at.step !== "end" && at.step !== 0;
      if (isNow) this.step = Number(at.step);
      this.opening = { step: isNow ? "now" : at.step === "end" ? "end" : "start", plays: at.plays };
    }
    const set = (/** @type {Partial<Opening>} */ changes) => {
      Object.assign(this.opening, changes);
      const { step, plays } = this.opening;
      plays_.root.hidden = step === "end"; // there is nothing left to be played
      const place = /** @type {number|"end"} */ ({ start: 0, now: this.step, end: "end" }[step]);
      const isUsual = step === "start" && plays;
      this.#set({ at: isUsual ? undefined : { step: place, plays: plays && step !== "end" } });
    };
    const step = segmented({
      label: "Opens at", value: this.opening.step, onchange: (value) => set({ step: value }),
      choices: [
        { value: "start", label: "the start" },
        ...(this.step ? [/** @type {const} */ ({ value: "now", label: `step ${this.step}` })] : []),
        { value: "end", label: "the end" },
      ],
    });
    const plays_ = segmented({
      label: "Playing or paused", value: this.opening.plays ? "playing" : "paused",
      onchange: (value) => set({ plays: value === "playing" }),
      choices: [{ value: "playing", label: "playing" }, { value: "paused", label: "paused" }],
    });
    plays_.root.hidden = this.opening.step === "end";
    return [el("div", { class: "share-row" }, el("span", {}, "Opens at"), step.root, plays_.root)];
  }

  /** For a hall, and what can be moved there. */
  #presenting() {
    const now = asked(), keeps = document.querySelector(".in-view") && now;
    const box = el("input", { type: "checkbox", checked: this.viewing.present ?? false, onchange: () => {
      if (knob) knob.disabled = !box.checked;
      this.#set({ present: box.checked });
    } });
    const names = keeps ? [...movable(now).keys()].filter((name) => !name.includes(".")) : [];
    const chosen = this.viewing.knobs ?? [];
    const several = chosen.length > 1 ? [chosen.join(",")] : [];
    const knob = keeps && el("select", { "aria-label": "Stays in view, to be moved", disabled: !box.checked,
      onchange: () => this.#set({ knobs: knob.value ? knob.value.split(",") : [] }) },
    ...["", ...new Set([...several, ...names, ...chosen])].map((name) => el("option", {
      value: name, selected: name === chosen.join(","),
    }, name === "lr" ? "the learning rates" : name.replaceAll("_", " ") || "nothing")));
    return [
      el("div", { class: "share-row" },
        el("label", { class: "share-tick" }, box, "Opens presenting, for a lecture hall"),
        ...(knob ? [el("label", { class: "share-knob" }, el("span", {}, "in view:"), knob)] : [])),
    ];
  }

  /** What is left out: what this page has of it. */
  #hiding() {
    /** @type {Record<string, string>} */
    const groups = JSON.parse(document.getElementById(PAGE).dataset.groups ?? "{}");
    const here = Object.keys(groups).filter((name) => PLACES[name] && document.querySelector(PLACES[name]));
    if (!here.length) return [];
    const boxes = here.map((name) => {
      const box = el("input", { type: "checkbox", value: name, checked: this.viewing.hide?.includes(name) ?? false,
        onchange: () => {
          const others = (this.viewing.hide ?? []).filter((other) => other !== name);
          this.#set({ hide: box.checked ? [...others, name] : others });
        } });
      return el("label", { class: "share-tick" }, box, groups[name]);
    });
    return [el("fieldset", { class: "share-groups" }, el("legend", {}, "Leave out"), ...boxes)];
  }

  /** @param {string} label @param {HTMLElement} text @param {string} words on the button @param {...Node} more */
  #taken(label, text, words, ...more) {
    const button = el("button", { type: "button", class: "ed-button", onclick: async () => {
      await write(text.textContent, this.dialog);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = words), COPIED_FOR);
    } }, words);
    return el("div", { class: "share-taken" }, el("div", {}, el("span", {}, label), button), text, ...more);
  }

  /** As a frame in another page, where the server lets others have it. */
  #embedding() {
    const by = document.getElementById(PAGE).dataset.embeds;
    if (by === undefined) return [];
    if (by === "'none'") return [el("p", { class: "ed-hint" }, "This server lets no other page embed it.")];
    const words = by ? `This server lets these embed it: ${by}` : "Any page may embed it.";
    return [this.#taken("Embed it", this.frame, "Copy the snippet", el("p", { class: "ed-hint" }, words))];
  }

  #done() {
    const { title = "", note = "" } = this.viewing;
    viewing.change({ title, note });
  }
}
