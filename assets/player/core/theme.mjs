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
const LINES = 0.6; // lines and symbols grow by so much of what text grows by

/** The element that carries theme and mode. */
export const pageRoot = () => document.getElementById("page") ?? document.documentElement;

/** By how much text grows: more than 1 in Present mode, see page/present.mjs. */
const growth = () => Number(document.documentElement.style.getPropertyValue("--grown")) || 1;

/** Changes whenever colours or sizes may have changed: theme, mode, slots, window, or the page itself. */
export function themeMark() {
  const root = pageRoot();
  return [root.id, root.dataset.theme, document.documentElement.dataset.theme, growth(), lookMark()].join("|");
}

/** @returns {Theme} */
export function readTheme() {
  const style = getComputedStyle(pageRoot());
  /** @param {string} name @param {string} fallback */
  const read = (name, fallback) => style.getPropertyValue(`--${name}`).trim() || fallback;
  const theme = /** @type {Theme} */ ({ font: style.fontFamily || "Inter, sans-serif" });
  const names = /** @type {(keyof typeof LIGHT)[]} */ (Object.keys(LIGHT));
  for (const name of names) theme[name] = read(name, LIGHT[name]);
  theme.runs = Array.from({ length: SLOTS }, (_, run) => read(`run-${slotOf(run)}`, RUNS[slotOf(run) % RUNS.length]));
  theme.textScale = growth();
  theme.scale = 1 + LINES * (theme.textScale - 1);
  return theme;
}
