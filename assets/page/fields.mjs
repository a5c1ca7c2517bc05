/**
 * Fields that are typed in, heard straight from the page. A text is taken after a pause, and at once
 * on Enter, on leaving the field and before anything else is done; what is not taken is said beside
 * the field, and what was there before goes on. The field shows what runs, or the sentence stands.
 */

import { set } from "./bridge.mjs";
import { domId } from "./ids.mjs";

/**
 * @typedef {import("./ids.mjs").FieldId} FieldId
 * @typedef {object} Taker what the page does with a text
 * @property {(id: FieldId, text: string) => string|null} take takes it, or says why not
 * @property {(id: FieldId, by: number) => string|null} step the text a notch up or down, if there are notches
 * @property {(id: FieldId) => string|null} shown what stands for the value that runs; null: no such knob
 */

const FIELD = 'input[id*=\'"field":\']';
const PAUSE = 200; // ms without a key
const MOST_FRAMES = 60; // until React shows what it was given

/** What each field is known to hold, typed or written. @type {Map<string, string>} */
const held = new Map();
/** Typed and not yet taken or refused: domId -> timer. @type {Map<string, number>} */
const waiting = new Map();
/** Refused: domId -> what ran instead, as its text. @type {Map<string, string>} */
const refused = new Map();

/** Refused by the server: those of the refused whose value has gone into the question. @type {Set<string>} */
const complaints = new Set();

/** Sentences that wait for the pointer. @type {Map<string, string|null>} */
const unsaid = new Map();
let isPressed = false;

/** @type {Taker} */
let taker = null;

/** @param {string} key @returns {HTMLInputElement|null} */
const inputOf = (key) => /** @type {HTMLInputElement|null} */ (document.getElementById(key));

/** Take what stands in a field, or say why not. @param {string} key @param {string} [text] */
function settle(key, text = held.get(key)) {
  clearTimeout(waiting.get(key));
  waiting.delete(key);
  if (text === undefined) return;
  const id = JSON.parse(key), why = taker.take(id, text), runs = taker.shown(id);
  say(key, why, runs);
}

/** @param {string} key @param {string|null} why @param {string|null} runs */
function say(key, why, runs) {
  const isComplaint = complaints.has(key) && refused.get(key) === runs; // the server's word on this value holds
  if (why === null && (isComplaint || !refused.has(key))) return;
  complaints.delete(key);
  if (why === null) refused.delete(key);
  else refused.set(key, runs);
  beside(key, why === null ? null : `${why} ${runs} still runs.`);
}

/**
 * The sentence takes room: under a pressed button the page must not move, or the click goes astray.
 * @param {string} key @param {string|null} sentence
 */
function beside(key, sentence) {
  if (isPressed) unsaid.set(key, sentence);
  else set(JSON.parse(key), { error: sentence });
}

function released() {
  isPressed = false;
  requestAnimationFrame(() => {
    for (const [key, sentence] of unsaid) beside(key, sentence);
    if (!isPressed) unsaid.clear();
  });
}

/** Everything that was typed counts from here on. */
export const flush = () => [...waiting.keys()].forEach((key) => settle(key));

/** Write into a field, until it shows that: React takes its time. @param {string} key @param {string} text */
function write(key, text, frames = MOST_FRAMES) {
  held.set(key, text);
  if (frames === MOST_FRAMES || frames % 10 === 0) set(JSON.parse(key), { value: text });
  requestAnimationFrame(() => {
    const isLate = held.get(key) === text && inputOf(key) && inputOf(key).value !== text;
    if (isLate && frames) write(key, text, frames - 1);
  });
}

/** The field shows what runs, in our own notation, unless it was refused. @param {string} key */
function tidy(key) {
  settle(key);
  const runs = taker.shown(JSON.parse(key));
  if (runs !== null && !refused.has(key) && held.get(key) !== runs && held.has(key)) write(key, runs);
}

/**
 * A knob has this value: its field shows it, unless what stands there was typed for it.
 * @param {FieldId} id @param {string} runs as text @param {(text: string) => boolean} isSame does a text mean it?
 */
export function update(id, runs, isSame) {
  const key = domId(id), input = inputOf(key);
  if (!input || waiting.has(key) || refused.get(key) === runs) return;
  if (refused.has(key)) say(key, null, runs);
  else if (held.has(key) && isSame(held.get(key))) return;
  if (held.get(key) !== runs) write(key, runs);
}

/** Forget a part that has been made anew: its fields hold what the server wrote. @param {string} part */
export function forget(part) {
  for (const kept of [held, refused, complaints]) {
    for (const key of kept.keys()) if (key.includes(`"part":"${part}"`)) kept.delete(key);
  }
}

/** Say beside a field what the server said of its value. @param {FieldId} id @param {string} why */
export function complain(id, why) {
  refused.set(domId(id), taker.shown(id));
  complaints.add(domId(id));
  beside(domId(id), why);
}

/** The server has taken what it was asked. */
export function content() {
  for (const key of complaints) say(key, null, null);
}

/** @param {KeyboardEvent} event @param {string} key */
function pressed(event, key) {
  const id = JSON.parse(key), by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (event.key === "Enter") tidy(key);
  if (event.key === "Escape" && (waiting.has(key) || refused.has(key))) {
    clearTimeout(waiting.get(key));
    waiting.delete(key);
    const runs = taker.shown(id);
    say(key, null, runs);
    if (runs !== null) write(key, runs);
  }
  if (by) settle(key);
  const text = by ? taker.step(id, by) : null;
  if (text === null) return;
  event.preventDefault();
  settle(key, text);
  tidy(key);
}

/** Listen to the fields. @param {Taker} what takes the texts */
export function watch(what) {
  taker = what;
  /** @param {string} kind @param {(event: any, key: string) => void} act */
  const on = (kind, act) => document.addEventListener(kind, (event) => {
    const field = /** @type {Element} */ (event.target);
    if (field.matches?.(FIELD)) act(event, field.id);
  }, { capture: true });
  on("input", ({ target }, key) => {
    if (isPressed) released(); // it was let go outside the window
    held.set(key, target.value);
    clearTimeout(waiting.get(key));
    waiting.set(key, setTimeout(() => settle(key), PAUSE));
  });
  on("keydown", pressed);
  on("focusout", (_event, key) => tidy(key));
  document.addEventListener("pointerdown", ({ target }) => {
    isPressed = true;
    if (!(/** @type {Element} */ (target).matches?.(FIELD))) flush();
  }, { capture: true });
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, released, { capture: true });
}
