/**
 * The first thing that runs: draws the race that the address names, from a few kilobytes, on a canvas
 * of its own, and only then lets Dash and Plotly come. They take ten seconds of a slow line; by then
 * the race has been seen. The page takes the canvas over, and removes it when its own map stands.
 */

import { slots } from "../player/core/looks.mjs";
import { decode, Look } from "./look.mjs";

const PATIENCE = 1000; // ms that the page's own scripts wait for the first look, at most

const theme = () => document.documentElement.dataset.theme;

/** The runs' slots that the address gives, if it gives them well. */
function styles() {
  const given = /[?&]styles=([^&]*)/u.exec(location.search)?.[1] ?? "";
  const numbers = given.replace(/%2c/giu, ",").split(",").map(Number);
  const isGood = numbers.every((n) => Number.isInteger(n) && n >= 1 && n <= 12);
  return isGood && new Set(numbers).size === numbers.length ? numbers : [];
}

function markTheme() {
  /** @type {string|null} */
  let kept = null;
  try {
    kept = localStorage.getItem("nnopt-theme");
  } catch {
    // storage may be forbidden
  }
  const preferred = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = ["light", "dark"].includes(kept) ? kept : preferred;
}

/** Put the page's scripts on the page: those from files in their order, then the one that starts it all. */
async function goOn() {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("scripts"));
  const scripts = [...template.content.querySelectorAll("script")];
  template.remove();
  /** @param {HTMLScriptElement} from */
  const live = (from) => {
    const script = document.createElement("script");
    for (const { name, value } of from.attributes) script.setAttribute(name, value);
    script.text = from.text;
    script.async = false;
    return script;
  };
  const last = scripts.pop();
  await Promise.all(scripts.map((from) => /** @type {Promise<void>} */ (new Promise((done) => {
    const script = live(from);
    if (!script.src || script.type === "module") done();
    script.addEventListener("load", () => done());
    script.addEventListener("error", () => done());
    document.body.append(script);
  }))));
  document.body.append(live(last));
}

/** @returns {Promise<void>} when something can be seen, or never will */
async function show() {
  const place = document.getElementById("first");
  if (location.pathname !== "/" || !place) return;
  place.hidden = false;
  const answer = await fetch(`/_first${location.search}`);
  const given = answer.ok ? await answer.json() : null;
  if (!given?.map) return;
  const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("first-map"));
  const race = decode(given);
  const look = new Look(canvas, race, theme(), slots(race.shape[0], styles()));
  window.nnoptFirst = look;
  look.play();
}

markTheme();
const waited = new Promise((done) => setTimeout(done, PATIENCE));
Promise.race([show().catch(() => {}), waited]).then(goOn);
