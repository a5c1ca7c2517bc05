/**
 * A spec as query text: only a draft, for the server reads it and answers with the
 * canonical text, which is what goes into the address.
 */

import { entryOf, isLab, PARTS } from "./scenario.mjs";

/** Percent-encode what would not survive in an address. */
export const encode = (text) =>
  text.replace(/[^A-Za-z0-9_.,()=*/;:~!'"-]/gu, (character) => encodeURIComponent(character));

const isCall = (value) => typeof value === "object" && value !== null;

function value(knob, given) {
  if (isCall(given)) return given.name;
  return typeof given === "string" && knob?.kind === "text" ? `"${given}"` : String(given);
}

/**
 * `name(knob=value,…)`: the knobs that differ from their defaults only, and those that a call of
 * the visitor's own declares by giving them.
 */
export function call(given, knobs, registries) {
  const parts = [];
  const own = new Set(given.declared?.own);
  for (const [name, content] of Object.entries(given.knobs)) {
    const knob = knobs[name];
    if (isCall(content)) {
      const text = call(content, registries[knob.registry][content.name].knobs, registries);
      if (text !== knob.default.name) parts.push(`${name}=${text}`);
    } else if (!knob || content !== knob.default || (own.has(name) && name !== "s")) {
      parts.push(`${name}=${value(knob, content)}`);
    }
  }
  return parts.length ? `${given.name}(${parts.join(",")})` : given.name;
}

/** The surface's part of the query: what figures depend on. */
export const surfaceText = (spec, declared) =>
  encode(`surface=${call(spec.surface, entryOf(declared, "surfaces", spec.surface).knobs, declared)}`);

/** The whole query text of a spec, without a question mark. */
export function draft(spec, declared) {
  if (isLab(spec)) return labDraft(spec, declared);
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
  for (const [key, knob] of Object.entries(declared.scenario)) {
    const given = isCall(spec[key])
      ? call(spec[key], declared[knob.registry][spec[key].name].knobs, declared) : spec[key];
    if (given !== (knob.default?.name ?? knob.default)) parts.push(`${key}=${given}`);
  }
  if (spec.tol !== null && spec.tol !== undefined) parts.push(`tol=${spec.tol}`);
  return parts.join("&");
}

/** The same of a training. */
function labDraft(spec, declared) {
  const text = (key, plural, given) => encode(`${key}=${call(given, entryOf(declared, plural, given).knobs, declared)}`);
  const parts = ["net", "data", "init", "plane"].map((key) => text(key, PARTS[key], spec[key]));
  parts.push(...spec.runs.map((run) => text("run", "optimizers", run)));
  for (const key of Object.keys(declared.lab)) parts.push(`${key}=${spec[key]}`);
  return parts.join("&");
}

/** The text as shown: `?`, and a new line before `&` where a line would grow too long. */
export function wrapped(query, width = 41) {
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
