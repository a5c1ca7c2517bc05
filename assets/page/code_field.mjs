/** A field for formulas: what is wrong is marked under its character. */

import { el } from "../player/core/dom.mjs";

const WORD = /^\w+/u;

export class CodeField {
  /** @param {string} label @param {string} text @param {() => void} onchange */
  constructor(label, text, onchange) {
    this.area = el("textarea", { class: "code-text", spellcheck: "false", autocapitalize: "off", autocomplete: "off",
      "aria-label": label, rows: Math.min(12, Math.max(3, text.split("\n").length + 1)) });
    this.area.value = text;
    this.mirror = el("pre", { class: "code-mirror", "aria-hidden": "true" });
    this.root = el("div", { class: "code-field" },
      el("span", { class: "code-label", "aria-hidden": "true" }, label),
      el("div", { class: "code-box" }, this.mirror, this.area));
    this.area.addEventListener("input", () => {
      this.mark(null);
      onchange();
    });
    this.area.addEventListener("scroll", () => this.mirror.scrollTo(this.area.scrollLeft, this.area.scrollTop));
    this.onchange = onchange;
  }

  get text() {
    return this.area.value;
  }

  /** Put a function's name where the cursor is. @param {string} word */
  insert(word) {
    const { selectionStart: from, selectionEnd: to } = this.area;
    this.area.setRangeText(`${word}()`, from, to, "end");
    this.area.selectionStart = this.area.selectionEnd -= 1;
    this.area.focus();
    this.onchange();
  }

  /** Put another word in place of one. @param {number} position @param {string} word @param {string} other */
  replace(position, word, other) {
    this.area.setRangeText(other, position, position + word.length, "end");
    this.area.focus();
    this.onchange();
  }

  /**
   * Mark what stands at a position; null: nothing.
   * @param {number|null} position
   * @returns {string|null} the word that stands there, if it is one
   */
  mark(position) {
    this.area.setAttribute("aria-invalid", position === null ? "false" : "true");
    if (position === null) {
      this.mirror.replaceChildren(this.text);
      return null;
    }
    const { text } = this, word = text.slice(position).match(WORD)?.[0] ?? null;
    const marked = word ?? (text[position] && text[position] !== "\n" ? text[position] : " ");
    const rest = text.slice(position + (word ?? text[position] ?? "").length);
    this.mirror.replaceChildren(text.slice(0, position), el("mark", {}, marked), rest);
    this.mirror.scrollTo(this.area.scrollLeft, this.area.scrollTop);
    return word;
  }
}
