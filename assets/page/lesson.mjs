/**
 * A lesson: one step at a time; the race is held until the reader has predicted, then it runs and
 * the explanation appears. The page holds all steps; the address says which one is shown.
 */

import { compact } from "../player/core/format.mjs";
import { set } from "./bridge.mjs";
import { numberGuess, placeGuess } from "./guess.mjs";
import { LESSON, PAGE, SPEC } from "./ids.mjs";
import * as progress from "./progress.mjs";
import * as viewing from "./viewing.mjs";

/** @typedef {{kind: "choice", right: boolean[]}} Choice */
/** @typedef {{kind: "number", value: number, low: number, high: number, unit: string, close: number}} Amount */
/** @typedef {{kind: "point", x: number, y: number, close: number}} Place */

/** @typedef {import("./progress.mjs").Said} Said */

/** @type {{name: string, step: number, steps: {asked: string, spec: object, answer: Choice|Amount|Place}[]}|null} */
let lesson = null;
let step = 0; // the one shown, from 1
/** Takes a click on the map, while a place is asked for. @type {((place: {x: number, y: number}) => void)|null} */
let putPlace = null;

const page = () => document.getElementById(LESSON);
const section = () => page().querySelector(`[data-step="${step}"]`);
const player = () => window.nnopt;

/** Is this page a lesson? */
export const isShown = () => page() !== null;

/** What was predicted in a step, as long as it still asks the same. @param {number} at @returns {Said|null} */
function saidOf(at) {
  const said = progress.said(lesson.name, at);
  return said?.asked === lesson.steps[at - 1].asked ? said : null;
}

/** The page has come: show the step it was made for. Nothing on other pages. */
export function begin() {
  if (!isShown()) return;
  lesson = JSON.parse(page().dataset.lesson);
  show(lesson.step);
}

/** Does a lesson take a click on the map? Yes, while its race is held. @param {{x: number, y: number}} place */
export function takes({ x, y }) {
  if (!lesson || !document.getElementById(PAGE).hasAttribute("data-held")) return false;
  putPlace?.({ x, y });
  return true;
}

/**
 * Has the reader moved the start? What the step measured is of its own race: it isn't shown beside
 * another. @param {{start?: object}} raced
 */
export function follow({ start }) {
  if (!lesson || !isShown()) return;
  const own = /** @type {{start?: object}} */ (lesson.steps[step - 1].spec).start;
  page().toggleAttribute("data-moved", JSON.stringify(start) !== JSON.stringify(own));
}

/** @param {boolean} on */
function hold(on) {
  document.getElementById(PAGE).toggleAttribute("data-held", on);
  player().hold(on);
}

/** @param {number} number */
function show(number) {
  step = number;
  for (const one of page().querySelectorAll("[data-step]")) one.hidden = Number(one.dataset.step) !== step;
  for (const link of page().querySelectorAll(".lesson-steps [data-go]")) {
    const at = Number(link.dataset.go);
    if (at === step) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
    link.toggleAttribute("data-done", saidOf(at) !== null);
  }
  player().guess(null);
  const said = saidOf(step);
  if (said) reveal(said);
  else ask();
  set(SPEC, { data: lesson.steps[step - 1].spec });
}

function ask() {
  const { answer } = lesson.steps[step - 1], place = section();
  putPlace = null;
  place.classList.remove("is-revealed");
  place.querySelector(".reveal").hidden = true;
  place.querySelector(".again").hidden = true;
  place.querySelector(".verdict").textContent = "";
  for (const button of place.querySelectorAll("[data-choice]")) {
    button.removeAttribute("aria-disabled");
    delete button.dataset.is;
    button.querySelector(".choice-said").textContent = "";
  }
  for (const because of place.querySelectorAll(".because")) because.hidden = true;
  const question = place.querySelector("h3").textContent;
  const guess = place.querySelector(".guess");
  if (answer.kind === "number") guess.replaceChildren(numberGuess(answer, question, predict));
  if (answer.kind === "point") {
    const made = placeGuess((at) => player().guess(at), predict);
    putPlace = made.put;
    guess.replaceChildren(made.root);
  }
  hold(true);
}

/** The reader has said something, or wants to be shown. @param {Said} said */
function predict(said) {
  progress.keep(lesson.name, step, { ...said, asked: lesson.steps[step - 1].asked });
  page().querySelector(`.lesson-steps [data-go="${step}"]`).toggleAttribute("data-done", true);
  reveal(said);
  const found = section().querySelector(".verdict");
  found.tabIndex = -1;
  found.focus({ preventScroll: true });
  const isNarrow = matchMedia("(max-width: 800px)").matches; // there the race follows the text
  const next = isNarrow ? document.getElementById("transport") : section().querySelector(".reveal");
  next.scrollIntoView({ block: "nearest" });
}

/** @param {Said} said */
function reveal(said) {
  const { answer } = lesson.steps[step - 1], place = section();
  putPlace = null;
  place.classList.add("is-revealed");
  place.querySelector(".reveal").hidden = false;
  place.querySelector(".again").hidden = false;
  place.querySelector(".guess")?.replaceChildren();
  if (answer.kind === "choice") showChoices(place, answer, said.choice);
  place.querySelector(".verdict").textContent = verdict(answer, said);
  if (answer.kind === "point" && said.place) player().guess(said.place);
  hold(false);
}

/** @param {HTMLElement} place @param {Choice} answer @param {number|undefined} chosen */
function showChoices(place, { right }, chosen) {
  for (const button of place.querySelectorAll("[data-choice]")) {
    const at = Number(button.dataset.choice);
    button.setAttribute("aria-disabled", "true");
    button.dataset.is = right[at] ? "right" : at === chosen ? "chosen" : "other";
    const words = [at === chosen && "you said", right[at] && "what happens"].filter(Boolean);
    button.querySelector(".choice-said").textContent = words.join(", ");
    /** @type {HTMLElement} */ (button.nextElementSibling).hidden = !(right[at] || at === chosen);
  }
}

/** What came of a prediction, in a sentence. @param {Choice|Amount|Place} answer @param {Said} said */
function verdict(answer, said) {
  if (answer.kind === "choice") {
    if (said.choice === undefined) return "This is what happens:";
    return answer.right[said.choice] ? "So it is." : "It comes out differently:";
  }
  if (answer.kind === "number") {
    const truth = `The answer is ${compact(answer.value)} ${answer.unit}.`;
    if (said.number === undefined) return truth;
    const factor = Math.max(said.number / answer.value, answer.value / said.number);
    const words = factor <= answer.close ? "close enough" : said.number < answer.value ? "too little" : "too much";
    return `You said about ${compact(said.number)}: ${words}. ${truth}`;
  }
  const truth = `It ends at (${compact(answer.x)}, ${compact(answer.y)}).`;
  if (!said.place) return truth;
  const off = Math.hypot(said.place.x - answer.x, said.place.y - answer.y);
  return `Your guess is ${compact(off)} away: ${off <= answer.close ? "close enough" : "somewhere else"}. ${truth}`;
}

/** Show a step; a link to it is an entry of its own in the history. @param {number} number */
function go(number) {
  history.pushState({}, "", `${location.pathname}?${viewing.beside(`step=${number}`)}`);
  show(number);
  section().querySelector(".step-title").focus({ preventScroll: true });
  page().querySelector(".lesson-text").scrollTop = 0;
  window.scrollTo(0, 0);
}

/** @param {MouseEvent} event */
function clicked(event) {
  const target = /** @type {Element} */ (event.target);
  if (!lesson || !page()?.contains(target)) return;
  const at = (/** @type {string} */ selector) => target.closest(selector);
  const link = at("[data-go]"), choice = at("[data-choice]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go(Number(link.dataset.go));
  } else if (choice && choice.getAttribute("aria-disabled") !== "true") {
    predict({ choice: Number(choice.dataset.choice) });
  } else if (at(".show-me")) {
    predict({ shown: true });
  } else if (at(".put-back")) {
    show(step);
    section().querySelector(".step-title").focus({ preventScroll: true });
  } else if (at(".again")) {
    progress.keep(lesson.name, step, null);
    show(step);
    section().querySelector(".step-title").focus();
  }
}

/** Listen to the page. */
export function watch() {
  progress.watch();
  document.addEventListener("click", clicked);
  window.addEventListener("popstate", () => {
    if (!lesson || !isShown()) return;
    const asked = Number(new URLSearchParams(location.search).get("step") ?? 1);
    show(Math.min(Math.max(Math.trunc(asked) || 1, 1), lesson.steps.length));
  });
}
