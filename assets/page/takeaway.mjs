/** What is taken away from the page: the film with its progress, Python, and what is too large. */

import { compact } from "../player/core/format.mjs";
import { exists, set } from "./bridge.mjs";
import { LINK_TEXT, PAGE } from "./ids.mjs";
import { write } from "./link.mjs";
import { say } from "./notice.mjs";

/** @param {number} number */
const whole = (number) => number.toLocaleString("en");

/** A text as Python (and JSON) writes it. @param {string} text */
const quoted = (text) => JSON.stringify(text);

/** The race or the training as Python that runs. @param {string} query */
export const python = (query) => `from nnopt_viz import show, trajectory

query = ${quoted(query)}
table = trajectory(query)  # a DataFrame: run, optimizer, lane, step, x, y, loss, ${/(^|&)net=/u.test(query)
    ? "slice_loss, test_loss, …" : "grad_norm, lr"}
print(table.groupby(["run", "lane"]).tail(1))
show(query)  # in a notebook: the animated figure
`;

/** @param {string} query */
export async function copyPython(query) {
  await write(python(query));
  say(["Copied: Python that runs this and shows the numbers."]);
}

/**
 * Which exports can hold this race; those that can't say so and stay shut.
 * @param {import("../player/core/stream.mjs").Header} header
 * @param {import("./scenario.mjs").Format[]} formats
 */
export function fit({ query, steps, lanes_total: lanes, rows_total: recorded = steps + 1, runs }, formats) {
  if (!exists(LINK_TEXT)) return; // a lesson has no menu
  const marks = runs.length * lanes, counts = { marks, rows: recorded * marks };
  for (const { name, label, of, most, words } of formats) {
    if (!of) continue;
    const why = words.replace("{count}", whole(counts[of])).replace("{most}", whole(most));
    offer(name, query, label, counts[of] > most && why);
  }
}

/** A data link gives a file, JSON too, which browsers would rather show in a tab. */
export function saveData() {
  document.addEventListener("click", (event) => {
    /** @type {Element} */ (event.target).closest?.("a[id^=data-]")?.setAttribute("download", "");
  }, { capture: true });
}

/**
 * A link, or the reason why there is none: without an address it can't be followed.
 * @param {string} kind @param {string} query @param {string} label @param {string|false} why
 */
function offer(kind, query, label, why) {
  set(`data-${kind}`, {
    disabled: Boolean(why), href: why ? null : `/run.${kind}?${query}`, children: why ? `${label}: ${why}` : label,
  });
}

/** The sentence, the progress and the way out while a film is recorded. @param {() => void} cancel */
function filmBar(cancel) {
  const bar = document.createElement("div"), said = document.createElement("p");
  const progress = document.createElement("progress"), at = document.createElement("span");
  const button = document.createElement("button");
  bar.className = "film";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Film");
  said.setAttribute("role", "status");
  progress.setAttribute("aria-label", "Steps filmed");
  button.type = "button";
  button.textContent = "Cancel";
  button.addEventListener("click", cancel);
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
    event.stopPropagation(); // the player's keys would stop the race
  });
  bar.append(said, progress, at, button);
  document.getElementById(PAGE).append(bar);
  said.textContent = "Recording the film. It takes as long as the race plays; stay on this tab.";
  setTimeout(() => button.focus(), 100); // the menu first gives the focus back to its button
  return {
    /** @param {number} step @param {number} steps */
    show(step, steps) {
      progress.max = steps;
      progress.value = step;
      at.textContent = `step ${whole(step)} of ${whole(steps)}`;
    },
    leave: () => bar.remove(),
  };
}

/** @type {AbortController|null} */
let recording = null;

/** Record and save a film, one at a time. @param {typeof import("../player/player.mjs")} player */
export async function recordFilm(player) {
  if (recording) return;
  const button = document.querySelector(".export-button");
  recording = new AbortController();
  const { signal } = recording, bar = filmBar(() => recording?.abort());
  try {
    const { blob, name, seconds } = await player.exportFilm({ signal, onStep: bar.show });
    say([`The film is saved as ${name}: ${Math.round(seconds)} seconds, ${compact(blob.size / 1e6, 2)} MB.`]);
  } catch (error) {
    say([signal.aborted ? "The film was cancelled." : /** @type {Error} */ (error).message]);
  } finally {
    recording = null;
    bar.leave();
    button?.focus();
  }
}
