/**
 * Numbers as people read them; `nnopt_viz/declare/written.py` writes them in the same way. A number
 * keeps its significant digits whatever its size: never rounded to 0, nor a share to all or nothing.
 */

/** @type {Record<string, string>} */
const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const LEAST_PLAIN = 1e-4, MOST_PLAIN = 99_950; // from here to there written out, else with a power of ten
const MOST_DECIMALS = 12; // of a share near all

/** @param {string} text @returns {string} the text with a real minus sign */
const minus = (text) => text.replace(/-/g, "−");

/** A power of ten with a raised exponent: 10⁻⁸. @param {number} exponent */
export function power(exponent) {
  return "10" + [...String(exponent)].map((c) => SUPERSCRIPT[c]).join("");
}

/** "1 step", "2,000 steps". @param {number} count @param {string} noun @returns {string} */
export const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** @param {string} text decimals @returns {string} without zeros at their end */
const short = (text) => minus(text.includes(".") ? text.replace(/\.?0+$/u, "") : text);

/** @param {number} value @returns {number} the exponent of its first digit */
const exponentOf = (value) => Number(value.toExponential().split("e")[1]);

/**
 * A number with so many significant digits, and all those before the point: −3.1, 12346, 1.6 × 10⁻⁵.
 * With a power of ten there is one digit less, but never less than two.
 * @param {number|null|undefined} value @param {number} [digits] 2 or more
 */
export function compact(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= LEAST_PLAIN && size < MOST_PLAIN) {
    return short(value.toFixed(Math.max(0, digits - 1 - exponentOf(value))));
  }
  const [mantissa, exponent] = value.toExponential(Math.max(1, digits - 2)).split("e");
  return `${short(mantissa)} × ${power(Number(exponent))}`;
}

/** A share in percent: 84.9%, 99.98%, 0.02%; 0% and 100% are nothing and all. @param {number|null|undefined} share */
export function percent(share) {
  const value = 100 * share;
  if (share === null || share === undefined || value === 0 || value === 100 || !Number.isFinite(value)) {
    return share === null || share === undefined || Number.isNaN(share) ? "–" : `${compact(value)}%`;
  }
  if (Math.abs(value) >= MOST_PLAIN) return `${compact(value, 3)}%`;
  const rest = Math.min(Math.abs(value), Math.abs(100 - value));
  const decimals = rest >= 0.05 ? 1 : Math.min(MOST_DECIMALS, -exponentOf(rest));
  return Math.abs(value) < LEAST_PLAIN ? `${compact(value, 3)}%` : minus(`${value.toFixed(decimals)}%`);
}

/** The label of a decade on a log axis: written out from 0.0001 to 10000. @param {number} exponent */
export function decade(exponent) {
  return exponent < -4 || exponent > 4 ? power(exponent) : String(Number(`1e${exponent}`));
}
