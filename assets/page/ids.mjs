/** Ids of the page that these modules need; all of them stand in `nnopt_viz/page/ids.py`. */

/**
 * @typedef {{part: string, index: number, knob?: string, control?: string, flag?: string}} KnobId
 * @typedef {{part: string, index: number, knob: string, field: string}} FieldId
 * @typedef {{action: string, index: number|string}} ActionId
 * @typedef {string|KnobId|FieldId|ActionId} Id
 */

export const PAGE = "page";
export const MANTINE = "mantine";
export const SPEC = "spec";
export const QUERY = "query";
export const VIEWING = "viewing";
export const THEME = "theme";
export const SURFACE_SHAPE = "surface-shape";
export const RUNS_SHAPE = "runs-shape";
export const START_SHAPE = "start-shape";
export const LAB_SHAPE = "lab-shape";
export const SURFACE_MENU = "surface-menu";
export const SURFACE_SEARCH = "surface-search";
export const SURFACE_LIST = "surface-list";
export const RUNS_LIST = "runs-list";
export const ADD_RUN = "add-run";
export const LINK_TEXT = "link-text";
export const SURFACE_SUMMARY = "surface-summary";
export const VIEW = "view";
export const MAP = "map";
export const MAP_STAGE = "map-stage";
export const SCENE = "scene";
export const NOTICE = "notice";
export const TITLED = "titled";
export const PRESENTED = "presented";
export const IN_VIEW = "in-view";
export const HELP = "help";
export const CATALOGUE_SEARCH = "catalogue-search";
export const CATALOGUE_HITS = "catalogue-hits";
export const GALLERY_SEARCH = "gallery-search";
export const GALLERY_HITS = "gallery-hits";
export const LESSON = "lesson";
export const OPEN_RACE = "open-race";

/**
 * The id of a knob's control, as Dash knows it.
 * @param {string} part @param {number} index @param {string} knob @param {string} kind
 */
export const control = (part, index, knob, kind) => ({ part, index, knob, control: kind });

/**
 * The id of a field that a knob's value is typed into; Dash does not listen to it.
 * @param {string} part @param {number} index @param {string} knob @param {string} kind
 */
export const field = (part, index, knob, kind) => ({ part, index, knob, field: kind });

/** The id of a knob's switch. @param {string} part @param {number} index @param {string} knob */
export const flag = (part, index, knob) => ({ part, index, flag: knob });

/** An id as Dash writes it into the DOM: JSON with sorted keys. @param {Id} id */
export function domId(id) {
  if (typeof id === "string") return id;
  const entries = Object.entries(id).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`;
}
