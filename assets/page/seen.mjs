/** One sentence above the views that says what is seen: true of every race and training. */

import { hasOneWeight } from "./one_weight.mjs";
import { questionOf, TRAINING } from "./questions.mjs";

/** @typedef {import("./scenario.mjs").Spec} Spec */

const SEEN = "seen";
const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
  "twelve"];

/** A small number as a word. @param {number} n */
const inWords = (n) => NUMBERS[n] ?? String(n);

/** @param {string} text */
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** Of a race. @param {Spec} spec */
function race({ runs, start, drift }) {
  const many = runs.length > 1;
  const who = capital(many ? `${inWords(runs.length)} optimizers` : "one optimizer");
  const several = start.name !== "point";
  const from = several ? "from many points at once" : many ? "at the same dot" : "at the dot";
  const verb = many ? "start" : "starts", tries = many ? "try" : "tries";
  const ground = drift?.name && drift.name !== "none" ? " while the surface changes" : "";
  const what = hasOneWeight() ? "The curve shows the loss of one weight, x"
    : "The map shows the loss at every x and y, as a hiking map shows height";
  return `${what}. ${who} ${verb} ${from} and ${tries} to get down to the lowest place${ground}.`;
}

/** Of a training. @param {Spec} spec */
function training({ runs }) {
  const many = runs.length > 1;
  const who = capital(many ? `${inWords(runs.length)} optimizers train` : "one optimizer trains");
  return `${who} ${many ? "the same" : "a"} network${many ? " from the same start weights" : ""}. The map is a slice `
    + "through its loss over all weights: what lies near the runs, on a plane.";
}

/** @param {Spec} spec */
export const sentence = (spec) => (questionOf(spec) === TRAINING ? training(spec) : race(spec));

/** @param {Spec|null} spec */
export function show(spec) {
  if (!spec) return;
  const place = document.getElementById(SEEN), said = sentence(spec);
  if (place && place.textContent !== said) place.textContent = said;
}
