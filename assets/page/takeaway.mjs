/** What is taken away from the page: the film with its progress, Python, and what is too large. */

import { el } from "../player/core/dom.mjs";
import { compact } from "../player/core/format.mjs";
import { exists, set } from "./bridge.mjs";
import { LINK_TEXT, PAGE } from "./ids.mjs";
import { write } from "./link.mjs";
import { say } from "./notice.mjs";
import { askFilm, askPicture } from "./taking.mjs";

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

/** The sentence, the progress and the way out while a film is made. @param {() => void} cancel */
function filmBar(cancel) {
  const said = el("p", { role: "status" }), at = el("span", {}, "0%");
  const progress = el("progress", { max: 1, value: 0, "aria-label": "How much of the film is made" });
  const button = el("button", { type: "button", onclick: cancel }, "Cancel");
  const bar = el("div", {
    class: "film", role: "group", "aria-label": "Film",
    onkeydown(/** @type {KeyboardEvent} */ event) {
      if (event.key === "Escape") cancel();
      event.stopPropagation(); // the player's keys would move the race
    },
  }, said, progress, at, button);
  document.getElementById(PAGE).append(bar);
  said.textContent = "The film is being made. It goes on in another tab, too.";
  button.focus();
  return {
    /** @param {number} share */
    show(share) {
      progress.value = share;
      at.textContent = `${Math.floor(100 * share)}%`;
    },
    leave: () => bar.remove(),
  };
}

/** @param {unknown} error @returns {string[]} */
const told = (error) => [/** @type {Error} */ (error).message];

/** Ask which picture, and save it. @param {typeof import("../player/player.mjs")} player */
export function takePicture(player) {
  const { step, steps, views, isOneWeight } = player.state();
  askPicture({ step, steps, views, isOneWeight }, async ({ name, format, size, step: at }) => {
    try {
      const { name: file } = await player.exportPicture(name, format, { size, step: at });
      say([`The picture is saved as ${file}.`]);
    } catch (error) {
      say(told(error));
    }
  });
}

/** @type {AbortController|null} */
let making = null;

/**
 * Ask which film, make and save it; one at a time.
 * @param {typeof import("../player/player.mjs")} player
 * @param {import("../player/export/film.mjs").FilmWish["groundAt"]} groundAt
 */
export async function takeFilm(player, groundAt) {
  if (making) return;
  const { steps } = player.state(), kinds = await player.filmKinds();
  askFilm({ steps, kinds }, (wish) => makeFilm(player, { ...wish, groundAt }));
}

/**
 * @param {typeof import("../player/player.mjs")} player
 * @param {Partial<import("../player/export/film.mjs").FilmWish>} wish
 */
async function makeFilm(player, wish) {
  making = new AbortController();
  const { signal } = making, bar = filmBar(() => making?.abort());
  try {
    const { blob, name, seconds } = await player.exportFilm({ ...wish, signal, onShare: bar.show });
    say([`The film is saved as ${name}: ${seconds} seconds, ${compact(blob.size / 1e6, 2)} MB.`]);
  } catch (error) {
    say(signal.aborted ? ["The film was cancelled."] : told(error));
  } finally {
    making = null;
    bar.leave();
    /** @type {HTMLElement} */ (document.querySelector(".export-button"))?.focus();
  }
}
