/** Between a knob's value and what its controls hold. */

import { exact, readNumber } from "./typed.mjs";

/** @param {number} value @param {number} digits */
const round = (value, digits) => Number(value.toPrecision(digits));

/**
 * Where a value stands on the slider; at an end when it is outside.
 * @param {import("./scenario.mjs").Knob} knob @param {number} value
 */
export function position(knob, value) {
  const [low, high, , isLog] = knob.slider;
  const at = isLog ? (value > 0 ? Math.log10(value) : low) : value;
  return Math.min(Math.max(at, low), high);
}

/**
 * The value at a position: two digits on a log scale, else free of rounding noise.
 * @param {import("./scenario.mjs").Knob} knob @param {number} at
 */
export function valueAt(knob, at) {
  const [, , step, isLog] = knob.slider;
  const value = isLog ? round(10 ** at, 2) : round(Math.round(at / step) * step, 12);
  return inside(knob, knob.kind === "integer" ? Math.round(value) : value, isLog ? value / 100 : step);
}

/**
 * Off an end that is not allowed.
 * @param {import("./scenario.mjs").Knob} knob @param {number} value @param {number} step
 */
function inside(knob, value, step) {
  if (knob.open_low && value <= knob.low) return round(knob.low + step, 12);
  if (knob.open_high && value >= knob.high) return round(knob.high - step, 12);
  return value;
}

/** Is this number allowed for the knob? @param {import("./scenario.mjs").Knob} knob @param {number} value */
export function admits(knob, value) {
  if (!Number.isFinite(value)) return false;
  if (knob.kind === "integer" && !Number.isInteger(value)) return false;
  const above = knob.low === null || (knob.open_low ? value > knob.low : value >= knob.low);
  const below = knob.high === null || (knob.open_high ? value < knob.high : value <= knob.high);
  return above && below;
}

/**
 * The knob's value that a typed text means, or why it means none.
 * @param {import("./scenario.mjs").Knob} knob @param {string} text
 * @param {string} [allowed] what may be typed, in words
 * @returns {{value?: import("./scenario.mjs").Value, why?: string}}
 */
export function typed(knob, text, allowed = "") {
  if (knob.kind === "text") return text.includes('"') ? { why: "No double quote can stand here." } : { value: text };
  const read = readNumber(text);
  if (read.why !== undefined) return read;
  return admits(knob, read.value) ? read : { why: `Allowed: ${allowed}.` };
}

/**
 * What a field shows for a knob's value: it reads back as exactly that.
 * @param {import("./scenario.mjs").Value} value
 */
export const written = (value) => (typeof value === "number" ? exact(value) : String(value));

/**
 * The value a notch up or down: on its slider a notch of that, else a tenth of its size.
 * @param {import("./scenario.mjs").Knob} knob @param {number} value @param {number} by 1 or -1
 */
export function stepped(knob, value, by) {
  const [low, high, notch, isLog] = knob.slider ?? [NaN, NaN, NaN, false];
  const at = isLog ? Math.log10(value) : value;
  const tenth = value === 0 ? 0.1 : 10 ** Math.floor(Math.log10(Math.abs(value)) - 1);
  const isOnSlider = knob.kind !== "integer" && at >= low && at <= high;
  const step = knob.kind === "integer" ? 1 : tenth;
  const next = isOnSlider ? valueAt(knob, at + by * notch) : round(value + by * step, 12);
  return admits(knob, next) ? next : value;
}

/**
 * The knob's value that a control's content means, or undefined when it means none (yet).
 * @param {import("./scenario.mjs").Knob} knob @param {string} kind @param {import("./scenario.mjs").Value} content
 * @param {import("./scenario.mjs").Value} current
 */
export function read(knob, kind, content, current) {
  if (kind === "slider") {
    const isWhereItWas = Math.abs(content - position(knob, current)) < knob.slider[2] / 4;
    return isWhereItWas ? current : valueAt(knob, content);
  }
  return content ?? undefined;
}

/**
 * What a control should hold for a value.
 * @param {import("./scenario.mjs").Knob} knob @param {string} kind @param {import("./scenario.mjs").Value} value
 */
export function show(knob, kind, value) {
  if (kind === "slider") return position(knob, value);
  return kind === "choice" && typeof value === "object" ? value.name : value;
}

/** A number as a person writes it, for those who hear a slider. @param {import("./scenario.mjs").Value} value */
export const spoken = (value) => String(value).replace("-", "\u2212");
