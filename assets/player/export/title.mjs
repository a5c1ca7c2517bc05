/** What a picture or a film says of itself: its title, and the name of its file. */

import { linkTitle, surfaceName } from "../core/looks.mjs";

/** @typedef {import("../core/stream.mjs").Header} Header */

const MOST_NAMES = 4;

/** "sgd, momentum and adam"; of many, how many. @param {string[]} names */
function listed(names) {
  if (names.length > MOST_NAMES) return `${names.length} runs`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
}

/**
 * A call as it stands in the query: "himmelblau(tilt=0.5)".
 * @param {Header} header @param {"surface"|"net"|"data"} key
 */
function called({ query, spec }, key) {
  const part = query.split("&").find((one) => one.startsWith(`${key}=`));
  const text = part ? decodeURIComponent(part.slice(key.length + 1)) : spec[key].name;
  return /^formula\(.*?f="([^"]*)"/u.exec(text)?.[1] ?? text;
}

/** What the link is titled, else the runs and what they move on. @param {Header} header */
export function titleOf(header) {
  if (linkTitle()) return linkTitle();
  const names = listed(header.runs.map(({ label }) => label));
  return header.spec.surface ? `${names} on ${surfaceName() || called(header, "surface")}`
    : `${names}: ${called(header, "net")} on ${called(header, "data")}`;
}

/** @param {import("../core/store.mjs").RunStore} store @param {number} step */
export const stepText = (store, step) => `step ${step.toLocaleString("en")} of ${store.steps.toLocaleString("en")}`;

/** What a file is named after: the surface. @param {import("../core/store.mjs").RunStore|null} store */
export const subject = (store) => store?.header.spec?.surface?.name ?? store?.header.spec?.data?.name ?? "surface";
