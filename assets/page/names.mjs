/** The field for a run's name, in its panel: taken on Enter and on leaving the field. */

import { set } from "./bridge.mjs";
import { say } from "./notice.mjs";
import { asName } from "./runs.mjs";

const FIELD = 'input[id*=\'"name":"run"\']';

/** @param {(index: number, name: string) => void} take */
export function watch(take) {
  document.addEventListener("change", ({ target }) => {
    const field = /** @type {HTMLInputElement} */ (target);
    if (!field.matches?.(FIELD)) return;
    const id = JSON.parse(field.id), name = asName(field.value);
    if (field.value.includes(",")) say(["A name has no commas: they part names in the link. They were left out."]);
    if (name !== field.value) set(id, { value: name });
    take(id.index, name);
  });
}
