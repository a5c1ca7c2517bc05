/**
 * The kinds of question in one shape: what is particular to a race, a training, an experiment. The
 * page asks these records instead of asking which it is. The server's: `deliver/questions.py`.
 */

import { LAB_SHAPE, START_SHAPE, SURFACE_SHAPE } from "./ids.mjs";
import { raceText, trainingText } from "./query.mjs";
import { entryOf } from "./scenario.mjs";

/**
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./scenario.mjs").Call} Call
 * @typedef {import("./scenario.mjs").Declared} Declared
 *
 * @typedef {object} Question
 * @property {string} name
 * @property {"run"|"experiment"} route where its data are: `/run.csv`
 * @property {"scenario"|"lab"} scalars where its plain numbers are declared
 * @property {boolean} takesStart may a place on the map be its start?
 * @property {boolean} bringsFigures do its figures come with the stream, in the theme's colours?
 * @property {(spec: Spec, declared: Declared) => string} text its query, as a draft
 * @property {(spec: Spec, declared: Declared) => Record<string, number>} rates good for each optimizer
 * @property {(spec: Spec, surface?: string) => Record<string, string>} shapes store -> what decides the controls
 *   besides the runs'; surface: its name, if it has one
 */

/**
 * What decides the controls of a call of the visitor's own: its formula and its knobs.
 * @param {Call} call
 */
export const own = (call) => call.declared && [call.knobs.f, call.knobs.text, call.knobs.bounds, call.declared.own];

/** @type {Question} */
export const RACE = {
  name: "race",
  route: "run",
  scalars: "scenario",
  takesStart: true,
  bringsFigures: false,
  text: raceText,
  rates: (spec, declared) => entryOf(declared, "surfaces", spec.surface).rates,
  shapes: ({ surface, drift, start }, called) => ({
    [SURFACE_SHAPE]: JSON.stringify([called, surface.name, own(surface), drift.name]),
    [START_SHAPE]: start.name,
  }),
};

/** @type {Question} */
export const TRAINING = {
  name: "training",
  route: "run",
  scalars: "lab",
  takesStart: false, // it starts from its start weights
  bringsFigures: true,
  text: trainingText,
  rates: (_spec, declared) => declared.lab_rates,
  shapes: ({ data, init, plane }) => ({ [LAB_SHAPE]: JSON.stringify([data.name, init.name, plane.name]) }),
};

/** An experiment has a page of its own: study/study.mjs. */
export const EXPERIMENT = {
  name: "experiment",
  route: "experiment",
  /** @param {string} name @param {string[]} settings `knob=value` @returns {string} */
  text: (name, settings) => `study=${name}${settings.length ? `(${settings.join(",")})` : ""}`,
};

/** What a spec asks. @param {Spec} spec */
export const questionOf = (spec) => ("net" in spec ? TRAINING : RACE);

/** What the server called a spec. @type {WeakMap<Spec, string>} */
const named = new WeakMap();

/** The server said what this very spec is in its canonical text. @param {Spec} spec @param {string} query */
export const name = (spec, query) => named.set(spec, query);

/** Was a spec made on this page, and has no text of the server's yet? @param {Spec} spec */
export const isDraft = (spec) => !named.has(spec);

/** The formats that a spec's question can be had as. @param {Spec} spec @param {Declared} declared */
export const formatsOf = (spec, { formats }) => formats.filter(({ kinds }) => kinds.includes(questionOf(spec).name));

/**
 * The query text of a spec: the server's own, or, of one that was changed here, a draft.
 * @param {Spec} spec @param {Declared} declared
 */
export const textOf = (spec, declared) => named.get(spec) ?? questionOf(spec).text(spec, declared);
