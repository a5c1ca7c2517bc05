/** Present mode: the stage alone, large enough for the last row. */

import { PAGE } from "./ids.mjs";

const page = () => document.getElementById(PAGE);
const isOn = () => page()?.classList.contains("present");

/** @param {boolean} on @param {() => void} notify */
function change(on, notify) {
  page().classList.toggle("present", on);
  window.dispatchEvent(new Event("resize")); // Plotly measures again
  notify();
}

/** Enter or leave; full screen where the browser allows it. @param {() => void} notify */
export async function toggle(notify) {
  const on = !isOn();
  change(on, notify);
  try {
    if (on) await document.documentElement.requestFullscreen();
    else if (document.fullscreenElement) await document.exitFullscreen();
  } catch {
    // a frame may forbid full screen; the layout alone will do
  }
}

/** Esc leaves, and so does leaving full screen. @param {() => void} notify */
export function watch(notify) {
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && isOn()) change(false, notify);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOn()) change(false, notify);
  });
}
