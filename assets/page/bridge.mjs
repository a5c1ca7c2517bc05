/**
 * Between Dash and the modules. Dash's inline callbacks push events into a queue, because
 * they may run before this module has loaded; from here on they are handled at once.
 */

import { domId } from "./ids.mjs";

/** @type {Record<string, (values: any[], triggered: {prop_id: string, value: any}[]) => void>} */
const handlers = {};

/**
 * Say what happens on an event that `page/callbacks.py` hands over.
 * @param {string} name @param {(values: any[], triggered: DashTrigger[]) => void} handler
 */
export function on(name, handler) {
  handlers[name] = handler;
}

/** Handle what has been queued, and from now on everything at once. */
export function start() {
  const waiting = /** @type {DashEvent[]} */ (window.nnoptEvents ?? []);
  /** @param {DashEvent} event */
  const handle = ([name, values, triggered]) => handlers[name]?.(values, triggered);
  window.nnoptEvents = { push: handle };
  waiting.forEach(handle);
}

/**
 * Set properties of a Dash component, if it is on the page.
 * @param {import("./ids.mjs").Id} id @param {object} props
 */
export function set(id, props) {
  window.dash_clientside.set_props(id, props);
}

/** Is the component with this id on the page now? @param {import("./ids.mjs").Id} id */
export const exists = (id) => document.getElementById(domId(id)) !== null;

/** The id and value behind each entry of Dash's `triggered`. @param {DashTrigger[]} triggered */
export function parse(triggered) {
  return triggered
    .filter((entry) => entry.prop_id !== ".")
    .map(({ prop_id: name, value }) => {
      const dot = name.lastIndexOf(".");
      return { id: JSON.parse(name.slice(0, dot)), value };
    });
}
