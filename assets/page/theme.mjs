/** Light or dark: the visitor's choice, else what the system prefers. */

import { MANTINE, PAGE, THEME } from "./ids.mjs";
import { set } from "./bridge.mjs";

const KEY = "nnopt-theme";
/** @type {((theme: string) => void)[]} */
const listeners = [];

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage may be forbidden, as in some embedded pages
  }
}

const preferred = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

let current = ["light", "dark"].includes(stored()) ? stored() : preferred();

export const theme = () => current;

/** Called with the new theme after each change. @param {(theme: string) => void} listener */
export const onChange = (listener) => listeners.push(listener);

/** Mark the document at once, so that nothing flashes; the page when it is there. */
export function mark() {
  document.documentElement.dataset.theme = current;
  const page = document.getElementById(PAGE);
  if (page) page.dataset.theme = current;
}

/** Tell Dash's components. */
export function apply() {
  mark();
  set(MANTINE, { forceColorScheme: current });
  if (document.getElementById("curves")) set(THEME, { data: current });
}

export function toggle() {
  current = current === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, current);
  } catch {
    // the choice then lasts as long as the page
  }
  apply();
  listeners.forEach((listener) => listener(current));
}
