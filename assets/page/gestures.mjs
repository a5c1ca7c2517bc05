/**
 * Wheel and fingers over the views. Where the page scrolls, the wheel and one finger scroll it;
 * Ctrl (or ⌘) and the wheel, or two fingers, zoom. Where everything fits, the wheel zooms at once.
 */

import { el } from "../player/core/dom.mjs";
import * as view from "./view.mjs";

const SAID_FOR = 1600; // ms
const SIDEWAYS = 30; // px of one finger: that is no scrolling
const PLACES = ["map-stage", "scene-stage", "curves-stage"];

/** Is there more of the page than the window shows? */
const scrolls = () => document.documentElement.scrollHeight > window.innerHeight + 4;

const isMac = /Mac|iP(hone|ad)/u.test(navigator.platform);

/** @param {HTMLElement} stage */
function teller(stage) {
  const said = el("p", { class: "nn-said", "aria-hidden": "true" });
  let timer = 0;
  stage.append(said);
  return (/** @type {string} */ text) => {
    said.textContent = text;
    said.classList.add("is-said");
    clearTimeout(timer);
    timer = setTimeout(() => said.classList.remove("is-said"), SAID_FOR);
  };
}

/** @param {TouchList} touches */
function spread(touches) {
  const [a, b] = touches;
  return { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2,
    far: Math.max(20, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)) };
}

/** Two fingers move and zoom the map. @param {HTMLElement} stage @param {(text: string) => void} tell */
function pinch(stage, tell) {
  /** @type {{x: number, y: number, far: number, ranges: import("./view.mjs").Ranges}|null} */
  let from = null;
  /** @type {import("./view.mjs").Ranges|null} */
  let next = null;
  let started = 0;
  const capture = { capture: true, passive: false };
  stage.addEventListener("touchstart", (event) => {
    if (event.touches.length === 2 && view.graph()) {
      from = { ...spread(event.touches), ranges: view.ranges() };
      event.preventDefault();
      event.stopPropagation();
    } else if (scrolls()) { // it scrolls the page; Plotly would take it for itself
      started = event.touches[0].clientX;
      event.stopPropagation();
    }
  }, capture);
  stage.addEventListener("touchmove", (event) => {
    if (!from) {
      const [{ clientX }] = event.touches;
      if (scrolls() && Math.abs(clientX - started) > SIDEWAYS && !stage.classList.contains("nn-grabbing")) {
        tell("Two fingers move the map");
      }
      return;
    }
    if (event.touches.length !== 2) return;
    event.preventDefault();
    event.stopPropagation();
    const now = spread(event.touches), zoom = from.far / now.far, isQueued = next !== null;
    const box = stage.getBoundingClientRect();
    /**
     * @param {[number, number]} range @param {number} was @param {number} is shares of the map
     * @returns {[number, number]}
     */
    const moved = ([low, high], was, is) => {
      const held = low + was * (high - low), size = (high - low) * zoom;
      return [held - is * size, held + (1 - is) * size];
    };
    next = {
      x: moved(from.ranges.x, (from.x - box.left) / box.width, (now.x - box.left) / box.width),
      y: moved(from.ranges.y, 1 - (from.y - box.top) / box.height, 1 - (now.y - box.top) / box.height),
    };
    if (isQueued) return;
    requestAnimationFrame(() => {
      view.show(next);
      next = null;
      view.moves();
    });
  }, capture);
  for (const name of ["touchend", "touchcancel"]) {
    stage.addEventListener(name, (event) => {
      if (from) event.stopPropagation();
      from = null;
    }, capture);
  }
}

/** Listen over every view. */
export function watch() {
  for (const id of PLACES) {
    const stage = document.getElementById(id);
    if (!stage) continue;
    const tell = teller(stage);
    stage.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.metaKey || !scrolls()) return;
      event.stopPropagation();
      if (id !== "curves-stage") tell(`${isMac ? "⌘" : "Ctrl"} and scroll to zoom`);
    }, { capture: true, passive: true });
    if (id === "map-stage") pinch(stage, tell);
  }
}
