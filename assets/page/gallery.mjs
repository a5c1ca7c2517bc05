/** The gallery: filters by words and topics as one types and clicks; both live in the address. */

import { set } from "./bridge.mjs";
import { plain } from "./catalogue.mjs";
import { GALLERY_HITS, GALLERY_SEARCH } from "./ids.mjs";

const PAUSE = 150; // ms without typing before the address and the count follow

/** @type {HTMLElement | null} */
let shownPage = null;
/** Of the page shown. @type {{card: HTMLElement, words: string, topics: string[]}[]} */
let index = [];
let pausing = 0;

const field = () => /** @type {HTMLInputElement | null} */ (document.getElementById(GALLERY_SEARCH));
/** @param {string} selector */
const every = (selector) => /** @type {HTMLElement[]} */ ([...(shownPage?.querySelectorAll(selector) ?? [])]);
const chips = () => every(".chip[data-topic]");
const chosen = () => chips().filter((chip) => chip.ariaPressed === "true");

/** @param {number} count @param {string} text @param {string[]} topics */
export function sentence(count, text, topics) {
  const what = [text && `for “${text}”`, topics.length && `in ${topics.join(" and ")}`].filter(Boolean).join(" ");
  if (!what) return `${count} pictures`;
  if (count) return `${count} ${count === 1 ? "picture" : "pictures"} ${what}`;
  return `Nothing found ${what}.`;
}

/** Words are found by how they begin: "lion" is not in "million". @param {string} words @param {string} text */
export function holds(words, text) {
  return plain(text).trim().split(" ").every((word) => words.includes(` ${word}`));
}

/**
 * `?q=…&topic=…`, each only where there is something; what is hidden stays so.
 * @param {string} text @param {string[]} topics
 */
function address(text, topics) {
  const others = location.search.slice(1).split("&").filter((part) => part.startsWith("hide="));
  const parts = [
    ...(text ? [`q=${encodeURIComponent(text)}`] : []),
    ...(topics.length ? [`topic=${topics.join(",")}`] : []),
    ...others,
  ];
  const query = parts.length ? `?${parts.join("&")}` : "";
  if (query !== location.search) window.history.replaceState(window.history.state, "", location.pathname + query);
}

/** Show what fits words and topics. @param {string} value @param {number} pause */
function apply(value, pause) {
  const text = value.trim();
  const wanted = chosen();
  const topics = wanted.map((chip) => /** @type {string} */ (chip.dataset.topic));
  let hits = 0;
  for (const { card, words, topics: own } of index) {
    card.hidden = !(holds(words, text) && topics.every((topic) => own.includes(topic)));
    hits += card.hidden ? 0 : 1;
  }
  for (const nothing of every(".gallery-nothing")) nothing.hidden = hits > 0;
  clearTimeout(pausing);
  pausing = window.setTimeout(() => {
    const status = document.getElementById(GALLERY_HITS);
    if (!status) return; // another page by now
    status.textContent = sentence(hits, text, wanted.map((chip) => chip.firstChild?.textContent?.trim() ?? ""));
    address(text, topics);
  }, pause);
}

/** A gallery has come onto the page. @param {HTMLElement} page */
function begin(page) {
  shownPage = page;
  const content = /** @type {HTMLElement} */ (page.querySelector("[data-html]"));
  content.innerHTML = /** @type {string} */ (content.dataset.html); // made and escaped by page/markup.py
  for (const image of /** @type {HTMLImageElement[]} */ (every("img[data-src]"))) {
    image.loading = "lazy";
    image.src = /** @type {string} */ (image.dataset.src);
  }
  index = every(".picture").map((card) => ({
    card,
    words: ` ${plain(card.textContent ?? "")} ${plain(card.dataset.name ?? "")}`.replace(/[(“‘]/g, " "),
    topics: (card.dataset.topics ?? "").split(" "),
  }));
  const asked = (page.dataset.topics ?? "").split(" ");
  for (const chip of chips()) chip.ariaPressed = String(asked.includes(/** @type {string} */ (chip.dataset.topic)));
  const typed = field()?.value ?? "";
  const text = typed || (new URLSearchParams(location.search).get("q") ?? "");
  if (!typed && text) set(GALLERY_SEARCH, { value: text });
  apply(text, 0);
}

function clear() {
  for (const chip of chips()) chip.ariaPressed = "false";
  set(GALLERY_SEARCH, { value: "" });
  apply("", 0);
  field()?.focus();
}

/** @param {MouseEvent} event */
function click(event) {
  const chip = /** @type {Element} */ (event.target).closest?.(".gallery .chip");
  if (!chip) return;
  if (chip.matches(".gallery-all")) return clear();
  chip.ariaPressed = String(chip.ariaPressed !== "true");
  apply(field()?.value ?? "", 0);
}

/** @param {KeyboardEvent} event */
function key(event) {
  const target = /** @type {Element} */ (event.target);
  if (target.id === GALLERY_SEARCH && event.key === "Escape") {
    set(GALLERY_SEARCH, { value: "" });
    apply("", 0);
  }
  const isTyping = target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey || !field()) return;
  event.preventDefault();
  field()?.focus();
  field()?.select();
}

/** Listen; the page comes and goes. */
export function watch() {
  const look = () => {
    const page = /** @type {HTMLElement | null} */ (document.querySelector(".gallery"));
    if (page !== shownPage) page ? begin(page) : (shownPage = null);
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  document.addEventListener("click", click);
  document.addEventListener("keydown", key);
  document.addEventListener("input", (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.id === GALLERY_SEARCH) apply(target.value, PAUSE);
  });
}
