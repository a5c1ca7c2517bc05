/** Numbers as people read them: real minus sign, fixed decimals, written-out powers of ten. */

/** @type {Record<string, string>} */
const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** @param {string} text @returns {string} the text with a real minus sign */
const minus = (text) => text.replace(/-/g, "−");

/** A power of ten with a raised exponent: 10⁻⁸. @param {number} exponent */
export function power(exponent) {
  return "10" + [...String(exponent)].map((c) => SUPERSCRIPT[c]).join("");
}

/** @param {number} value @param {number} digits after the point of the mantissa */
function scientific(value, digits) {
  const [mantissa, exponent] = value.toExponential(digits).split("e");
  return `${minus(mantissa)} × ${power(Number(exponent))}`;
}

/**
 * Fixed decimals; very large values become powers of ten. "−0.00" is never written.
 * @param {number} value
 * @param {number} [decimals]
 */
export function fixed(value, decimals = 2) {
  if (Number.isNaN(value) || value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) >= 1e5) return scientific(value, 1);
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : minus(text);
}

/**
 * About `digits` significant digits, for one number on its own (a tooltip, a label).
 * @param {number} value
 * @param {number} [digits]
 */
export function compact(value, digits = 4) {
  if (!Number.isFinite(value)) return fixed(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return scientific(value, Math.min(digits - 1, 2));
  return minus(String(Number(value.toPrecision(digits))));
}

/** The label of a decade on a log axis: written out from 0.0001 to 10000. @param {number} exponent */
export function decade(exponent) {
  return exponent < -4 || exponent > 4 ? power(exponent) : String(Number(`1e${exponent}`));
}
