/**
 * What a word means, beside it: on hover, on tap and on focus, wherever an element says which word it
 * is (`data-word`). The meanings come from the server when the first is asked for.
 */

import { el } from "../player/core/dom.mjs";
import { ask, jsonOf } from "../player/core/server.mjs";

/** @typedef {{title: string, text: string, link: string}} Word */

const AFTER = 350; // ms of pointing, so that nothing flickers under a passing pointer
const LEAVING = 200; // ms in which the pointer may get from the word to what is said of it
const GAP = 6, MARGIN = 8; // px

/** @type {Promise<Record<string, Word>>|null} */
let known = null;
/** @type {HTMLElement|null} */
let tip = null;
/** Whose meaning is shown, or soon will be. @type {HTMLElement|null} */
let of = null;
let timer = 0;

/** @returns {Promise<Record<string, Word>>} */
function words() {
  known ??= ask("/words.json", { read: async (answer) => (answer.ok ? (await jsonOf(answer)).words : {}) });
  return known;
}

/** There was no answer: ask again the next time. @returns {null} */
function again() {
  known = null;
  return null;
}

/** @param {EventTarget|null} target @returns {HTMLElement|null} */
const wordAt = (target) => /** @type {Element} */ (target)?.closest?.("[data-word]") ?? null;

function close() {
  clearTimeout(timer);
  tip?.remove();
  if (of) of.removeAttribute("aria-describedby");
  tip = of = null;
}

/** @param {HTMLElement} place */
async function open(place) {
  clearTimeout(timer);
  if (of === place && tip) return;
  close();
  of = place;
  const word = (await words().catch(again))?.[place.dataset.word];
  if (!word || of !== place || !place.isConnected) return;
  const more = word.link ? [el("a", { href: word.link }, "More in the catalogue")] : [];
  tip = el("div", { id: "word-tip", class: "word-tip", role: "tooltip" },
    el("b", {}, word.title), el("p", {}, word.text), ...more);
  tip.addEventListener("pointerenter", () => clearTimeout(timer));
  tip.addEventListener("pointerleave", leave);
  (place.closest("[role=dialog]") ?? document.getElementById("page") ?? document.body).append(tip);
  place.setAttribute("aria-describedby", tip.id);
  put(tip, place);
}

/** Below the word, or above where there is no room. @param {HTMLElement} box @param {HTMLElement} place */
function put(box, place) {
  const at = place.getBoundingClientRect(), { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.min(Math.max(MARGIN, at.left), innerWidth - width - MARGIN);
  const below = at.bottom + GAP, above = at.top - GAP - height;
  box.style.left = `${Math.max(MARGIN, left)}px`;
  box.style.top = `${below + height > innerHeight - MARGIN && above > MARGIN ? above : below}px`;
}

function leave() {
  clearTimeout(timer);
  timer = setTimeout(close, LEAVING);
}

/** Does a press on this do something of its own? @param {HTMLElement} place */
const isControl = (place) => place.matches("button, a, input, label, summary") || place.querySelector("input") !== null
  || place.closest("button, a, label, summary") !== null;

/** Listen to the page. */
export function watch() {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const place = wordAt(event.target);
    if (!place || place === of) return void (place && clearTimeout(timer));
    clearTimeout(timer);
    timer = setTimeout(() => open(place), AFTER);
  });
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType === "mouse" && wordAt(event.target)) leave();
  });
  document.addEventListener("click", (event) => {
    const place = wordAt(event.target);
    if (tip?.contains(/** @type {Node} */ (event.target))) return;
    if (!place || isControl(place) || (place === of && tip)) close();
    else open(place);
  });
  document.addEventListener("focusin", (event) => {
    const place = /** @type {HTMLElement} */ (event.target);
    if (place.matches?.(":focus-visible") && place.dataset.word) open(place);
  });
  document.addEventListener("focusout", (event) => {
    if (of && of === event.target) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && tip) close();
  });
  document.addEventListener("scroll", close, { capture: true, passive: true });
}
