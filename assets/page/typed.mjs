/**
 * Numbers as people type them. What is read means the same to everyone who may have typed it;
 * what could mean two things, or what a double can't hold, is no number here.
 */

/** @typedef {{value: number, why?: undefined}|{value?: undefined, why: string}} Read a number, or why it is none */

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/u;
// As the page itself writes powers of ten, and as one types them: 1.2 × 10⁻⁵, 3*10^4, 10⁻³.
const POWER = /^(?:(.+?)\s*[×·*]\s*|([+-]?))10(?:(?:\^|\*\*)([+-]?\d+)|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))$/u;
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", PLAIN = "0123456789-+";
const MOST_SHOWN = 20; // characters of what was typed, in a message

/** Signs that are others in full width, and all that look like a minus. @param {string} text */
const plainly = (text) => text
  .replace(/[\uFF01-\uFF5E]/gu, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xFEE0))
  .replace(/[\u2010-\u2013\u2212]/gu, "-")
  .replace(POWER, (_all, mantissa, sign, exponent, raised) =>
    `${mantissa ?? `${sign}1`}e${exponent ?? [...raised].map((one) => PLAIN[RAISED.indexOf(one)]).join("")}`);

/**
 * The number that a text means, or, in a sentence, why it means none.
 * @param {string} text @returns {Read}
 */
export function readNumber(text) {
  const shown = text.trim(), plain = plainly(shown);
  const said = `“${shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}…` : shown}”`;
  if (!shown) return { why: "Write a number." };
  if (THOUSANDS.test(plain)) {
    const [thousands, decimal] = ["", "."].map((sign) => Number(plain.replace(",", sign)));
    return { why: `${said} can mean ${thousands} or ${decimal}: write it without a comma.` };
  }
  const written = plain.includes(".") ? plain : plain.replace(",", ".");
  if (!NUMBER.test(written)) return { why: `${said} is no number.` };
  const value = Number(written) + 0; // -0 is 0
  if (!Number.isFinite(value)) return { why: `${said} is too large for a number.` };
  const isZero = !/[1-9]/u.test(written.split(/e/iu)[0]);
  return value === 0 && !isZero ? { why: `${said} is too small for a number.` } : { value };
}

/**
 * A text that reads back as exactly this number, as the server writes it: 0.02, 2, 1e-5, 1e16.
 * @param {number} value finite
 */
export function exact(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace("e+", "e");
  return String(value + 0);
}

/**
 * Say beside a field of our own why what stands there is not taken; null: it is.
 * @param {HTMLInputElement} input @param {string|null} why
 */
export function refuse(input, why) {
  const next = input.nextElementSibling, place = next?.classList.contains("refused") ? next : null;
  if (why === null) {
    input.removeAttribute("aria-invalid");
    place?.remove();
    return;
  }
  const said = place ?? document.createElement("span");
  said.className = "refused";
  said.setAttribute("role", "status");
  said.textContent = why;
  input.setAttribute("aria-invalid", "true");
  if (!place) input.after(said);
}
