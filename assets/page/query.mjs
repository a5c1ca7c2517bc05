/**
 * A spec as query text: only a draft, for the server reads it and answers with the
 * canonical text, which is what goes into the address.
 */

import { entryOf, partsOf, registryOf } from "./scenario.mjs";

/**
 * @typedef {import("./scenario.mjs").Call} Call
 * @typedef {import("./scenario.mjs").Value} Value
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./scenario.mjs").Declared} Declared
 */

/** Percent-encode what would not survive in an address. @param {string} text */
export const encode = (text) =>
  text.replace(/[^A-Za-z0-9_.,()=*/;:~!'"-]/gu, (character) => encodeURIComponent(character));

/** @param {Value} value @returns {value is Call} */
const isCall = (value) => typeof value === "object" && value !== null;

/** @param {import("./scenario.mjs").Knob} knob @param {Value} given */
function value(knob, given) {
  if (isCall(given)) return given.name;
  return typeof given === "string" && knob?.kind === "text" ? `"${given}"` : String(given);
}

/**
 * `name(knob=value,…)`: the knobs that differ from their defaults only, and those that a call of
 * the visitor's own declares by giving them.
 * @param {Call} given @param {import("./scenario.mjs").Knobs} knobs @param {Declared} registries @returns {string}
 */
export function call(given, knobs, registries) {
  const parts = [];
  const own = new Set(given.declared?.own);
  for (const [name, content] of Object.entries(given.knobs)) {
    const knob = knobs[name];
    if (isCall(content)) {
      const text = call(content, registryOf(registries, knob)[content.name].knobs, registries);
      if (text !== knob.default.name) parts.push(`${name}=${text}`);
    } else if (!knob || content !== knob.default || (own.has(name) && name !== "s")) {
      parts.push(`${name}=${value(knob, content)}`);
    }
  }
  return parts.length ? `${given.name}(${parts.join(",")})` : given.name;
}

/** The surface's part of the query: what figures depend on. @param {Spec} spec @param {Declared} declared */
export const surfaceText = (spec, declared) =>
  encode(`surface=${call(spec.surface, entryOf(declared, "surfaces", spec.surface).knobs, declared)}`);

/** The whole query text of a race, without a question mark. @param {Spec} spec @param {Declared} declared */
export function raceText(spec, declared) {
  const parts = [surfaceText(spec, declared)];
  for (const run of spec.runs) {
    parts.push(encode(`run=${call(run, entryOf(declared, "optimizers", run).knobs, declared)}`));
  }
  const { name, knobs } = spec.start;
  const start =
    name === "point"
      ? `${knobs.x},${knobs.y}`
      : call(spec.start, declared.starts[name].knobs, declared);
  parts.push(encode(`start=${start}`));
  /** @type {Record<string, Value>} */
  const values = spec;
  for (const [key, knob] of Object.entries(declared.scenario)) {
    const given = isCall(values[key])
      ? call(values[key], registryOf(declared, knob)[values[key].name].knobs, declared) : values[key];
    if (given !== (knob.default?.name ?? knob.default)) parts.push(`${key}=${given}`);
  }
  if (spec.tol !== null && spec.tol !== undefined) parts.push(`tol=${spec.tol}`);
  return parts.join("&");
}

/** The same of a training. @param {Spec} spec @param {Declared} declared */
export function trainingText(spec, declared) {
  /** @param {string} key @param {import("./scenario.mjs").Plural} plural @param {Call} given */
  const text = (key, plural, given) =>
    encode(`${key}=${call(given, entryOf(declared, plural, given).knobs, declared)}`);
  const parts = partsOf(spec).map(([key, plural, given]) => text(key, plural, given));
  parts.push(...spec.runs.map((run) => text("run", "optimizers", run)));
  /** @type {Record<string, Value>} */
  const values = spec;
  for (const key of Object.keys(declared.lab)) parts.push(`${key}=${values[key]}`);
  return parts.join("&");
}

/** The text as shown: `?`, and a new line before `&` where a line would grow too long. @param {string} query */
export function wrapped(query, width = 41) {
  /** @type {string[]} */
  const lines = [];
  let line = "?";
  query.split("&").forEach((part, index) => {
    const piece = index ? `&${part}` : part;
    if (line.length > 1 && line.length + piece.length > width) {
      lines.push(line);
      line = "";
    }
    line += piece;
  });
  return [...lines, line].join("\n");
}
