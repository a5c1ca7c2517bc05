/**
 * The page has come while a first look of its race plays on a canvas of its own (first/first.mjs):
 * that moves into the map's place, follows the player's clock, and goes when Plotly's map is there.
 */

import { MAP_STAGE, PAGE } from "./ids.mjs";

/** What the player was first given; a change ends the first look. @type {string|null} */
let query = null;

/** Call once; looks every frame until the first look is over. */
export function watch() {
  const frame = () => {
    if (!isOver()) requestAnimationFrame(frame);
  };
  frame();
}

/** @returns {boolean} is there no first look any more? */
function isOver() {
  if (!document.getElementById(PAGE)) return false;
  const look = window.nnoptFirst, stage = document.getElementById(MAP_STAGE);
  if (!look) {
    document.getElementById("first")?.remove();
    return true;
  }
  const { state } = window.nnopt, now = state();
  if (stage && !stage.contains(look.canvas)) look.moveTo(stage);
  if (now.rowsReceived && query === null) {
    query = now.query;
    window.nnopt.goFrom(look.step);
    look.clock = () => window.nnopt.time();
  }
  const isStale = query !== null && now.query !== query;
  if (stage && !isStale && !window.nnopt.hasMap()) return false;
  look.end();
  window.nnoptFirst = undefined;
  return true;
}
