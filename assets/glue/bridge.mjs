/**
 * Between Dash and the modules. Dash's inline callbacks push events into a queue, because
 * they may run before this module has loaded; from here on they are handled at once.
 */

import { domId } from "./ids.mjs";

/** @type {Record<string, (values: any[], triggered: {prop_id: string, value: any}[]) => void>} */
const handlers = {};

/** Say what happens on an event that `page/callbacks.py` hands over. */
export function on(name, handler) {
  handlers[name] = handler;
}

/** Handle what has been queued, and from now on everything at once. */
export function start() {
  const waiting = window.nnoptEvents ?? [];
  const handle = ([name, values, triggered]) => handlers[name]?.(values, triggered);
  window.nnoptEvents = { push: handle };
  waiting.forEach(handle);
}

/** Set properties of a Dash component, if it is on the page. */
export function set(id, props) {
  window.dash_clientside.set_props(id, props);
}

/** Is the component with this id on the page now? */
export const exists = (id) => document.getElementById(domId(id)) !== null;

/** The id and value behind each entry of Dash's `triggered`. */
export function parse(triggered) {
  return triggered
    .filter((entry) => entry.prop_id !== ".")
    .map(({ prop_id: name, value }) => {
      const dot = name.lastIndexOf(".");
      return { id: JSON.parse(name.slice(0, dot)), value };
    });
}
