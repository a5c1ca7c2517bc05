/** Making elements without markup in strings: nothing typed by a visitor is ever parsed as HTML. */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes] `class`, `on…` listeners, or plain attributes
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

let groups = 0;

/**
 * A row of choices of which one holds: radio buttons that look like a segmented control.
 * @template {string} V
 * @param {{label: string, choices: {value: V, label: string, title?: string, word?: string}[], value: V,
 *   onchange: (value: V) => void}} options
 */
export function segmented({ label, choices, value, onchange }) {
  const name = `nn-choice-${groups++}`;
  const inputs = choices.map((choice) => el("input", {
    type: "radio", name, value: choice.value, checked: choice.value === value,
    "aria-label": choice.title, onchange: () => onchange(choice.value),
  }));
  const root = el("div", { class: "nn-segmented", role: "radiogroup", "aria-label": label },
    ...choices.map((choice, i) => el("label", { "data-word": choice.word }, inputs[i], el("span", {}, choice.label))));
  /** @param {V|number} now */
  const set = (now) => inputs.forEach((input) => (input.checked = input.value === String(now)));
  return { root, set };
}
