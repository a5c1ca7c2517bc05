/** The catalogue's search: filters as you type, says how many it found, lives in the address. */

import { set } from "./bridge.mjs";
import { fitWhenNear } from "./formula.mjs";
import { CATALOGUE_HITS, CATALOGUE_SEARCH } from "./ids.mjs";
import { beside } from "./viewing.mjs";

const PAUSE = 150; // ms without typing before the address and the count follow
const TURNS = 15; // frames until the heights above a part have settled
const FONT_WAIT = 1000; // ms at most
const KEY = "q";

const field = () => /** @type {HTMLInputElement|null} */ (document.getElementById(CATALOGUE_SEARCH));
/** As it is compared: without accents, in small letters. @param {string} text */
export const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/[-_\s]+/gu, " ");

/** @param {HTMLElement} root @param {string} parts */
const text = (root, parts) => plain([...root.querySelectorAll(parts)].map((part) => part.textContent).join(" "));

/**
 * Of the page shown.
 * @type {{family: HTMLElement, part: HTMLElement, entries: {entry: HTMLElement, name: string, words: string}[]}[]}
 */
let index = [];
/** @type {HTMLElement|null} */
let shownPage = null;
let pausing = 0;

/** What each entry is found by: its names, its family and the words of its description. @param {HTMLElement} page */
function read(page) {
  index = [...page.querySelectorAll(".family")].map((family) => ({
    family,
    part: family.closest(".part"),
    entries: [...family.querySelectorAll(".entry")].map((entry) => ({
      entry,
      name: text(entry, "h4, .entry-name"),
      // A description is found by how its words begin: "lion" is not in "million".
      words: ` ${text(family, "h3")} ${text(family.closest(".part"), "h2")} `
        + text(entry, ".doc, .fact-also-called dd"),
    })),
  }));
}

/** Show what holds every word; returns how many entries that are. @param {string} text */
function filter(text) {
  const wanted = plain(text).trim().split(" ");
  const counts = new Map();
  for (const { family, part, entries } of index) {
    let hits = 0;
    for (const { entry, name, words } of entries) {
      entry.hidden = !wanted.every((word) => name.includes(word) || words.includes(` ${word}`));
      hits += entry.hidden ? 0 : 1;
    }
    family.hidden = hits === 0;
    counts.set(part, (counts.get(part) ?? 0) + hits);
  }
  for (const [part, hits] of counts) part.hidden = hits === 0;
  return [...counts.values()].reduce((sum, hits) => sum + hits, 0);
}

/** @param {number} hits @param {string} text */
function sentence(hits, text) {
  if (!text) return `${hits} entries`;
  if (hits) return `${hits} ${hits === 1 ? "entry" : "entries"} for “${text}”`;
  return `Nothing found for “${text}”. Try a shorter word, or part of a name.`;
}

/**
 * `?q=…`, and no q when the field is empty; what is seen stays so. Typing adds no steps to the history.
 * @param {string} text
 */
function address(text) {
  const found = beside(text && `${KEY}=${encodeURIComponent(text)}`), query = found && `?${found}`;
  if (query === location.search) return;
  const hash = text ? "" : location.hash;
  window.history.replaceState(window.history.state, "", location.pathname + query + hash);
}

/** @param {string} value @param {number} pause */
function apply(value, pause) {
  const text = value.trim();
  const hits = filter(text);
  clearTimeout(pausing);
  pausing = setTimeout(() => {
    const status = document.getElementById(CATALOGUE_HITS);
    if (!status) return; // another page by now
    status.textContent = sentence(hits, text);
    address(text);
  }, pause);
}

/** Back to the first entry found, when the page is scrolled beyond it. */
function toFirst() {
  const entries = shownPage.querySelector("[data-html]");
  if (entries.getBoundingClientRect().top < 0) entries.scrollIntoView();
}

/** The font of the formulas: set without it, their lines would move when it comes. */
const font = () => document.fonts.load('16px "STIX Two Math"').catch(() => /** @type {FontFace[]} */ ([]));

/**
 * A catalogue has come onto the page: set its entries, take the text that the address holds.
 * @param {HTMLElement} page
 */
async function begin(page) {
  shownPage = page;
  await Promise.race([font(), new Promise((go) => setTimeout(go, FONT_WAIT))]);
  if (shownPage !== page) return;
  const entries = page.querySelector("[data-html]");
  entries.innerHTML = entries.dataset.html; // made and escaped by page/markup.py
  entries.querySelectorAll(".formula").forEach(fitWhenNear);
  read(page);
  const typed = field().value; // while the font was on its way
  const text = typed || (new URLSearchParams(location.search).get(KEY) ?? "");
  if (!typed && text) set(CATALOGUE_SEARCH, { value: text });
  apply(text, 0);
  jump();
}

/** Go to the part that the address names: entries get their true height on the way there. */
function jump(turns = TURNS) {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target || !shownPage || turns === 0) return;
  target.scrollIntoView();
  requestAnimationFrame(() => jump(turns - 1));
}

/** @param {KeyboardEvent} event */
function key(event) {
  const target = /** @type {Element} */ (event.target);
  if (target.id === CATALOGUE_SEARCH && event.key === "Escape") {
    set(CATALOGUE_SEARCH, { value: "" });
    apply("", 0);
  }
  const isTyping = target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!field()) return;
  event.preventDefault();
  field().focus();
  field().select();
}

/** Listen; the page comes and goes. */
export function watch() {
  if (location.pathname === "/catalogue") font(); // asked for before the first formula needs it
  const look = () => {
    const page = document.querySelector(".catalogue");
    if (page !== shownPage) page ? begin(page) : (shownPage = null);
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  document.addEventListener("keydown", key);
  window.addEventListener("hashchange", () => jump());
  document.addEventListener("input", (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.id !== CATALOGUE_SEARCH) return;
    apply(target.value, PAUSE);
    toFirst();
  });
}
