/** Which view is where, and which of them can be taken as a picture. */

/** @typedef {import("./engine.mjs").Engine} Engine */

/**
 * A view by its place: x over the step stands where the 3D view of other surfaces is.
 * @param {Engine} engine @param {"map"|"scene"|"curves"} name
 * @returns {import("../views/overlay.mjs").Overlay}
 */
export const viewOf = (engine, name) => (name === "scene" && engine.steps.isShown ? engine.steps : engine[name]);

/** The views that can be taken: a training without a plane has the curves alone. @param {Engine} engine */
export const viewsOf = (engine) => /** @type {const} */ (["map", "scene", "curves"]).filter((name) => {
  const view = viewOf(engine, name), { graph, isGone } = view;
  if (!graph?._fullLayout || isGone) return false;
  return name === "curves" || view === engine.steps || (graph.data?.length && !engine.store.header.plane?.missing);
});
