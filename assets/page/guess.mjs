/** Predictions that are no choice: a number on a slider, or a place on the map. */

import { el } from "../player/core/dom.mjs";
import { compact } from "../player/core/format.mjs";
import { readNumber, refuse } from "./typed.mjs";

const POSITIONS = 200; // of a slider, spread over its range in equal factors

/** A number with two digits that count, as a person would say it. @param {number} value */
const rounded = (value) => Number(value.toPrecision(2));

/**
 * A slider and a button.
 * @param {{low: number, high: number, unit: string}} answer
 * @param {string} label @param {(said: {number: number}) => void} done
 */
export function numberGuess({ low, high, unit }, label, done) {
  /** @param {number} position */
  const at = (position) => rounded(low * (high / low) ** (position / POSITIONS));
  const shown = el("output", { class: "guess-value" });
  const slider = el("input", { type: "range", min: 0, max: POSITIONS, step: 1, value: POSITIONS / 2,
    class: "nn-slider guess-slider", "aria-label": label, oninput: () => tell() });
  function tell() {
    const words = `about ${compact(at(Number(slider.value)))} ${unit}`;
    shown.textContent = words;
    slider.setAttribute("aria-valuetext", words);
    slider.style.setProperty("--nn-fill", `${(100 * Number(slider.value)) / POSITIONS}%`);
  }
  tell();
  const say = () => done({ number: at(Number(slider.value)) });
  const button = el("button", { type: "button", class: "filled", onclick: say }, "Reveal");
  const ends = el("div", { class: "guess-ends", "aria-hidden": "true" },
    el("span", {}, compact(low)), el("span", {}, compact(high)));
  return el("div", { class: "guess-row" }, el("div", { class: "guess-track" }, slider, ends), shown, button);
}

/**
 * Two fields for a place, which a click on the map fills in, and a button.
 * @param {(place: {x: number, y: number}|null) => void} moved
 * @param {(said: {place: {x: number, y: number}}) => void} done
 * @returns {{root: HTMLElement, put: (place: {x: number, y: number}) => void}}
 */
export function placeGuess(moved, done) {
  /** @param {string} name */
  const field = (name) => {
    const input = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "guess-field",
      "aria-label": `${name} of your guess`, oninput: () => tell(),
      onchange: () => refuse(input, readNumber(input.value).why ?? null) });
    return input;
  };
  const [x, y] = [field("x"), field("y")];
  const say = () => done({ place: place() });
  const button = el("button", { type: "button", class: "filled", disabled: true, onclick: say }, "Reveal");
  const place = () => {
    const [across, up] = [x, y].map((input) => readNumber(input.value).value);
    return across === undefined || up === undefined ? null : { x: across, y: up };
  };
  function tell() {
    for (const input of [x, y]) if (readNumber(input.value).why === undefined) refuse(input, null);
    button.disabled = !place();
    moved(place());
  }
  const root = el("div", { class: "guess-row" },
    el("span", {}, "Click on the map, or type the place:"),
    el("label", {}, "x ", x), el("label", {}, "y ", y), button);
  return {
    root,
    put(found) {
      [x.value, y.value] = [found.x.toFixed(2), found.y.toFixed(2)]; // a place on a map: what is shown is what counts
      tell();
    },
  };
}
