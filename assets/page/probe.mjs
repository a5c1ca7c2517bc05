/**
 * Loss and gradient where the pointer is, or where a tap or the arrow keys put a cross. They are
 * exact, worked out by the server at the very x and y that are shown; until they come the loss is
 * read off the drawn grid, which `≈` says.
 */

import { el } from "../player/core/dom.mjs";
import { compact } from "../player/core/format.mjs";
import { lossAt } from "../player/core/heights.mjs";
import { ask, jsonOf } from "../player/core/server.mjs";
import * as view from "./view.mjs";

const REST = 70; // ms the pointer must rest
const STEP = 10, FINE = 1; // px that a key moves the cross
const LOW = 0.7; // of the map's height: below that the line stands at its top
const BESIDE = ".map-key, .nn-steer, .nn-read";

/** @typedef {{x: number, y: number}} Place @typedef {{loss: number|null, slope: (number|null)[]}} Values */

/** The surface as in a query; null: a slice, of which only the drawn grid is known. @type {string|null} */
let surface = null;
let isOn = false;
/** @type {Place|null} */
let at = null;
/** @type {Place|null} */
let cross = null;
let timer = 0;
/** @type {AbortController|null} */
let abort = null;

const line = el("p", { class: "nn-read", hidden: true });
const button = el("button", { type: "button", class: "nn-probe", "aria-pressed": "false",
  title: "Read loss and gradient: tap a place, or move the cross with the arrow keys" }, "Read");

/** @param {number} value @param {number} pixel a unit of x or y to a px: no more digits than one sees */
function shown(value, pixel) {
  const decimals = Math.min(12, Math.max(0, -Math.floor(Math.log10(pixel))));
  return Number(value.toFixed(decimals));
}

/** The place that is meant, with the digits that are shown. @param {Place} place @returns {Place} */
function rounded({ x, y }) {
  const scale = view.scale();
  return { x: shown(x, 1 / scale.x), y: shown(y, 1 / scale.y) };
}

/** @param {number} value */
const plain = (value) => (Math.abs(value) < 1e6 ? String(value).replace("-", "−") : compact(value, 8));

/** The loss at a place of the drawn grid; null outside. @param {Place} place */
function drawn({ x, y }) {
  const plot = view.graph(), trace = plot?._fullData?.[0];
  if (trace?.type !== "contour") return null;
  /** @param {ArrayLike<number>} lines @param {number} value @returns {[number, number]|null} */
  const find = (lines, value) => {
    let i = 0;
    while (i < lines.length - 1 && lines[i + 1] < value) i++;
    const share = (value - lines[i]) / (lines[i + 1] - lines[i]);
    return share >= 0 && share <= 1 ? [i, share] : null;
  };
  const column = find(trace.x, x), row = find(trace.y, y);
  if (!column || !row) return null;
  const [i, e] = column, [j, f] = row, { z } = trace;
  const height = (1 - f) * ((1 - e) * z[j][i] + e * z[j][i + 1]) + f * ((1 - e) * z[j + 1][i] + e * z[j + 1][i + 1]);
  return height > 0 ? lossAt(height, plot.layout.meta) : null;
}

/** @param {string} name @param {string} value */
const item = (name, value) => el("span", {}, `${name} `, el("b", {}, value));

/** @param {Place} place @param {Values|null} exact */
function write(place, exact) {
  const items = [item("x", plain(place.x)), item("y", plain(place.y))];
  if (exact) {
    const [a, b] = exact.slope, isKnown = a !== null && b !== null;
    items.push(item("loss", exact.loss === null ? "not finite" : compact(exact.loss)),
      item("gradient", isKnown ? `(${compact(a)}, ${compact(b)})` : "not finite"));
    if (isKnown) items.push(item("length", compact(Math.hypot(a, b))));
  } else {
    const about = drawn(place);
    if (about !== null) items.push(item("loss", `≈ ${compact(about, 2)}`));
  }
  line.replaceChildren(...items);
  line.dataset.exact = String(exact !== null);
  line.hidden = false;
}

/** Read a place. @param {Place} place @param {boolean} isHigh the line stands at the map's top */
function read(place, isHigh) {
  at = rounded(place);
  line.classList.toggle("is-high", isHigh);
  write(at, null);
  clearTimeout(timer);
  abort?.abort();
  if (surface !== null) timer = setTimeout(look, REST);
}

async function look() {
  const { signal } = (abort = new AbortController()), place = at;
  try {
    const body = await ask(`/ground.json?${surface}&x=${place.x}&y=${place.y}`, {
      signal, read: (answer) => (answer.ok ? jsonOf(answer, signal) : null),
    });
    if (!body || signal.aborted) return;
    const [[[a]], [[b]]] = body.gradient;
    write(place, { loss: body.loss[0][0], slope: [a, b] });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function hide() {
  clearTimeout(timer);
  abort?.abort();
  at = null;
  line.hidden = true;
  if (cross) put(cross);
}

/** @param {Place} place */
function put(place) {
  cross = place;
  window.nnopt.steer({ cross });
  const { top, height } = line.parentElement.getBoundingClientRect();
  read(place, window.nnopt.project2d(place.x, place.y).y > top + LOW * height);
}

/** The start of the first run, else the middle of what is seen. @returns {Place} */
function first() {
  const seen = view.ranges(), start = window.nnopt.state().point(0, 0, 0);
  const middle = { x: (seen.x[0] + seen.x[1]) / 2, y: (seen.y[0] + seen.y[1]) / 2 };
  const isSeen = start && start.x > seen.x[0] && start.x < seen.x[1] && start.y > seen.y[0] && start.y < seen.y[1];
  return isSeen ? { x: start.x, y: start.y } : middle;
}

function toggle() {
  isOn = !isOn;
  button.setAttribute("aria-pressed", String(isOn));
  line.setAttribute("role", isOn ? "status" : "presentation");
  if (isOn) put(first());
  else {
    cross = null;
    window.nnopt.steer({ cross });
    hide();
  }
}

/** @type {Record<string, [number, number]>} */
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @param {KeyboardEvent} event @param {(place: Place) => void} start */
function pressed(event, start) {
  if (!isOn || !cross || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") toggle();
  else if (event.key === "s") start(rounded(cross));
  else if (KEYS[event.key]) {
    const [right, up] = KEYS[event.key], far = event.shiftKey ? FINE : STEP, scale = view.scale();
    put({ x: cross.x + (right * far) / scale.x, y: cross.y + (up * far) / scale.y });
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** May a click on the map be read instead of starting there? @param {Place} place @returns {boolean} */
export function takes(place) {
  if (isOn) put(place);
  return isOn;
}

export const reads = () => isOn;

/** The surface is another one. @param {string|null} text as in a query */
export function about(text) {
  surface = text;
  const place = cross ?? at;
  if (place && view.graph()) read(place, line.classList.contains("is-high"));
}

/**
 * The toggle, and the line in the map's stage.
 * @param {HTMLElement} stage @param {(place: Place) => void} start
 */
export function begin(stage, start) {
  stage.append(line);
  button.addEventListener("click", toggle);
  button.addEventListener("keydown", (event) => pressed(event, start));
  stage.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse") return;
    const isBeside = event.buttons || /** @type {Element} */ (event.target).closest(BESIDE);
    const place = isBeside || !view.graph() ? null : window.nnopt.placeAt(event.clientX, event.clientY);
    const { top, height } = stage.getBoundingClientRect();
    if (place) read(place, event.clientY - top > LOW * height);
    else hide();
  });
  stage.addEventListener("pointerleave", hide);
  return button;
}
