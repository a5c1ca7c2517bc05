/** Colours and sizes of what the player draws, read from the page's CSS variables. */

import { lookMark, SLOTS, slotOf } from "./looks.mjs";

/**
 * @typedef {object} Theme
 * @property {string} paper
 * @property {string} ink
 * @property {string} ink2
 * @property {string} ink3
 * @property {string} edge
 * @property {string} hairline
 * @property {string} halo
 * @property {string[]} runs each run's colour
 * @property {string} font
 * @property {number} scale of lines and symbols: larger in Present mode
 * @property {number} textScale of text, likewise
 */

const LIGHT = {
  paper: "#FFFFFF", ink: "#14191E", ink2: "#49535D", ink3: "#606B76", edge: "#87919B",
  hairline: "#E1E5E9", halo: "rgba(255,255,255,.9)",
};
const RUNS = ["#0062C4", "#C8440A", "#00857A", "#8A1458", "#8F6A00", "#5A45B8", "#3F7D1F", "#5B6470"];
const PRESENT_LINES = 1.4;
const PRESENT_TEXT = 1.4;

/** The element that carries theme and mode. */
export const pageRoot = () => document.getElementById("page") ?? document.documentElement;

/** Changes whenever colours or sizes may have changed: theme, mode, slots, or the page itself. */
export function themeMark() {
  const root = pageRoot();
  return `${root.id}|${root.dataset.theme}|${document.documentElement.dataset.theme}|${root.className}|${lookMark()}`;
}

export const isPresenting = () => pageRoot().classList.contains("present");

/** @returns {Theme} */
export function readTheme() {
  const style = getComputedStyle(pageRoot());
  /** @param {string} name @param {string} fallback */
  const read = (name, fallback) => style.getPropertyValue(`--${name}`).trim() || fallback;
  const theme = /** @type {Theme} */ ({ font: style.fontFamily || "Inter, sans-serif" });
  const names = /** @type {(keyof typeof LIGHT)[]} */ (Object.keys(LIGHT));
  for (const name of names) theme[name] = read(name, LIGHT[name]);
  theme.runs = Array.from({ length: SLOTS }, (_, run) => read(`run-${slotOf(run)}`, RUNS[slotOf(run) % RUNS.length]));
  theme.scale = isPresenting() ? PRESENT_LINES : 1;
  theme.textScale = isPresenting() ? PRESENT_TEXT : 1;
  return theme;
}
