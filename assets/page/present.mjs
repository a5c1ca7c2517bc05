/**
 * Present mode, on every page: what is to be seen alone, and text that can be read from the back of
 * a hall. It is in the address, so a link opens it.
 */

import * as viewing from "./viewing.mjs";

const TEXT = 13; // px of the page's own
const SHARES = { width: 0.0175, height: 0.024 }; // of the window, that a line's size is
const LEAST = 16, MOST = 48; // px

const root = document.documentElement;

export const isOn = () => root.classList.contains("present");

/** How much larger text is than on the page that one works with; 1 when nothing is presented. */
function grown() {
  const wanted = Math.min(SHARES.width * innerWidth, SHARES.height * innerHeight);
  return isOn() ? Math.min(MOST, Math.max(LEAST, wanted)) / TEXT : 1;
}

const measure = () => root.style.setProperty("--grown", String(Number(grown().toFixed(3))));

/** @param {boolean} on */
function show(on) {
  if (on === isOn()) return;
  root.classList.toggle("present", on);
  measure();
  dispatchEvent(new Event("resize")); // Plotly measures again
}

/** Enter or leave; full screen where the browser allows it. */
export async function toggle() {
  const on = !isOn();
  viewing.change({ present: on });
  show(on);
  try {
    if (on) await root.requestFullscreen();
    else if (document.fullscreenElement) await document.exitFullscreen();
  } catch {
    // a frame may forbid full screen; the layout alone will do
  }
}

/** A link may ask for it: before there is a page. Then Esc leaves it, and so does leaving full screen. */
export function watch() {
  const asked = location.search.match(/[?&]present=([^&]*)/u);
  show(asked?.[1] === "true");
  viewing.onChange(({ present }) => show(present === true));
  addEventListener("resize", () => isOn() && measure());
  const leave = () => viewing.change({ present: false });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && isOn()) leave();
  });
  document.addEventListener("keydown", (event) => {
    const isElsewhere = event.defaultPrevented || document.querySelector("dialog[open], [role=dialog]");
    if (event.key === "Escape" && isOn() && !isElsewhere) leave();
  });
  document.addEventListener("click", takeAlong, { capture: true });
}

/** From lesson to lesson one goes on presenting. @param {Event} event */
function takeAlong({ target }) {
  /** @type {HTMLAnchorElement|null|undefined} */
  const link = /** @type {Element} */ (target).closest?.(".lesson a[href^='/learn'], .learn a[href^='/learn']");
  if (!link || link.dataset.go || !isOn()) return;
  const asked = link.search.slice(1).split("&").filter((part) => part && !viewing.isViewing(part)).join("&");
  const { hide, present } = viewing.current();
  link.search = viewing.beside(asked, { hide, present });
}
