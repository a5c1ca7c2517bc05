/**
 * The race page: holds the spec, and passes every change on to controls, address, stream
 * and, where Python is needed, to the server.
 */

import { exists, on, parse, set } from "./bridge.mjs";
import * as camera from "./camera.mjs";
import * as clicks from "./clicks.mjs";
import * as controls from "./controls.mjs";
import * as drift from "./drift.mjs";
import * as editor from "./editor.mjs";
import * as fields from "./fields.mjs";
import { Showing } from "./figures.mjs";
import * as held from "./held.mjs";
import * as history_ from "./history.mjs";
import { ADD_RUN, domId, HELP, PAGE, QUERY, RUNS_LIST, RUNS_SHAPE, SPEC, SURFACE_MENU } from "./ids.mjs";
import { read, stepped, typed, written } from "./knobs.mjs";
import * as lesson from "./lesson.mjs";
import * as link from "./link.mjs";
import * as loading from "./loading.mjs";
import { explain, say } from "./notice.mjs";
import * as present from "./present.mjs";
import { surfaceText } from "./query.mjs";
import { formatsOf, isDraft, name, own, questionOf, textOf, TRAINING } from "./questions.mjs";
import * as change from "./scenario.mjs";
import * as takeaway from "./takeaway.mjs";
import * as theme from "./theme.mjs";
import * as view from "./view.mjs";

const AFTER_FIRST_FRAMES = 120; // ms
const SETTLED = 300; // ms without a change: then the race starts from the beginning

/**
 * @typedef {import("./scenario.mjs").Spec} Spec
 * @typedef {import("./scenario.mjs").Declared} Declared
 * @typedef {import("./ids.mjs").KnobId} KnobId
 */

/** @type {Spec|null} */
let spec = null;
/** @type {Declared|null} */
let declared = null;
/** The run whose further knobs are shown. @type {number|null} */
let opened = null;
let turn = 0;
let settling = 0;
let telling = 0;
let linking = 0;
let drifting = 0;
/** The field whose value was taken last. @type {import("./ids.mjs").FieldId|null} */
let field = null;
let hasFailed = false;
let hasChanged = false; // the spec awaited from the server was made on this page
/** What each key store was last given, as text. @type {Record<string, string>} */
const sent = {};
const figures = new Showing(loading.showFigures, (problem) => say([explain(problem)]));

const player = () => window.nnopt;
/** @param {unknown} value */
const text = (value) => JSON.stringify(value);

/**
 * Give a store something new; nothing when it has it already.
 * @param {string} store @param {string} key @param {object} data
 */
function put(store, key, data) {
  if (sent[store] === key) return;
  sent[store] = key;
  set(store, { data });
}

/**
 * What the server makes anew when it changes: menus and controls of another shape.
 * @returns {Record<string, string>}
 */
function shapes() {
  const runs = text([opened, spec.runs.map((run) => [
    run.name, own(run), run.knobs.schedule?.name, run.knobs.noise?.name])]);
  return { ...questionOf(spec).shapes(spec), [RUNS_SHAPE]: runs };
}

function tellServer(slides = false) {
  const query = textOf(spec, declared);
  const made = exists(RUNS_LIST) ? shapes() : {}; // a lesson has no rail
  for (const [store, key] of Object.entries(made)) put(store, key, { query, opened, key });
  if (questionOf(spec).bringsFigures) return;
  figures.want(surfaceText(drift.now(spec), declared), theme.theme(), slides);
}

/**
 * Take a new spec.
 * @param {Spec} next
 * @param {{kind?: "push"|"replace"|null, source?: KnobId|null, slides?: boolean, isPick?: boolean}} how
 */
function commit(next, { kind = "replace", source = null, slides = false, isPick = false } = {}) {
  spec = next;
  field = null;
  held.drop(`${SPEC}.data`); // an address that the server has not read by now was asked for before
  hasChanged = false;
  lesson.follow(spec);
  if (kind) history_.expect(kind);
  clearTimeout(settling);
  loading.load(spec, declared, slides ? { play: false, keepStep: true } : { play: true });
  if (slides) settling = setTimeout(restart, SETTLED);
  clearTimeout(telling);
  // A click is answered by the race first: controls and server hear of it after its first frames.
  if (isPick) telling = setTimeout(() => tell(), AFTER_FIRST_FRAMES);
  else tell(source, slides);
}

/** Bring the controls and the server to the present spec. @param {KnobId|null} [source] */
function tell(source = null, slides = false) {
  controls.sync(spec, declared, source);
  tellServer(slides);
}

function restart() {
  player().home();
  player().play();
}

/**
 * A spec from the server: the first one, or one read from an address.
 * @param {(Spec & {query: string})|null} given with its canonical text
 * @param {string[]|null} notes @param {Declared} known
 */
function adopt(given, notes, known) {
  declared = known;
  if (!given) return;
  const { query, ...read } = given;
  if (spec && text(read) === text(spec)) return;
  const isFirst = spec === null;
  name((spec = read), query);
  say(notes ?? []);
  hasFailed = false;
  if (isFirst) {
    Object.assign(sent, shapes()); // the server has just made these for this very spec
    theme.apply();
    connect();
    camera.watch();
    view.watch();
    lesson.begin();
  } else {
    opened = null;
    controls.sync(spec, declared);
  }
  lesson.follow(spec);
  tellServer();
  link.show(textOf(spec, declared), formatsOf(spec, declared));
  history_.expect(hasChanged ? "push" : null);
  hasChanged = false;
  loading.load(spec, declared, { play: true });
}

/**
 * Ask the server to read a query text.
 * @param {boolean} [isChange] made on this page: an entry of its own @param {string} query
 */
function open(query, isChange = false) {
  turn += 1;
  hasChanged = isChange;
  set(QUERY, { data: { query, turn, lab: spec !== null && questionOf(spec) === TRAINING } });
}

function connect() {
  const engine = player();
  engine.on("press", (place) => {
    if (!questionOf(spec).takesStart || lesson.isShown()) return;
    engine.expect(textOf(change.startingAt(spec, declared, place), declared));
  });
  engine.on("pick", ({ x, y, done }) => {
    if (!questionOf(spec).takesStart) return;
    if (lesson.takes({ x, y })) return;
    commit(change.startingAt(spec, declared, { x, y }), { slides: !done, isPick: true });
  });
  engine.on("step", (step) => {
    if (!drift.moved(step)) return;
    tellServer(true);
    clearTimeout(drifting);
    drifting = setTimeout(tellServer, SETTLED);
  });
  engine.on("header", (header) => {
    drift.begin(header);
    if (header.s) tellServer(true);
    if (hasFailed) say([]);
    fields.content();
    hasFailed = false;
    name(loading.latest(), header.query);
    history_.settle(header.query);
    clearTimeout(linking); // the race comes first: React takes its time over the links
    linking = setTimeout(() => {
      link.show(header.query, formatsOf(spec, declared));
      if (!header.kind) takeaway.fit(header, formatsOf(spec, declared));
    }, AFTER_FIRST_FRAMES);
  });
  engine.on("figures", loading.showFigures);
  engine.on("done", (trailer) => {
    if ("figures" in trailer && trailer.figures) loading.refine(spec, declared);
  });
  engine.on("error", (problem) => {
    hasFailed = true;
    say([explain(problem)]);
    if (field) fields.complain(field, explain(problem));
    // What was set is not possible: the controls go where the server would, which says what it changed.
    else if (problem.status === 400 && isDraft(spec) && questionOf(spec) === TRAINING) {
      open(textOf(spec, declared), true);
    }
  });
  engine.on("done", () => document.getElementById(PAGE)?.setAttribute("data-ready", "true"));
}

/** @param {import("./scenario.mjs").Value} value */
const plain = (value) => value?.name ?? value;

/** @param {unknown[]} _values @param {DashTrigger[]} triggered */
function controlled(_values, triggered) {
  if (!spec) return;
  const told = parse(triggered), chosenNow = controls.byVisitor(told);
  const echoes = told.filter((entry) => !chosenNow.includes(entry) && (entry.id.flag || entry.id.control === "choice"));
  for (const { id, value } of echoes) controls.hold(id, value);
  if (echoes.length) controls.sync(spec, declared);
  for (const { id, value } of chosenNow) {
    controls.remember(id, value);
    const kind = id.control ?? "flag";
    const where = { part: id.part, index: id.index, knob: id.knob ?? id.flag };
    if (where.knob === "name") {
      chosen(where, value);
      continue;
    }
    const found = change.lookUp(spec, declared, where);
    if (!found) continue;
    const wanted = read(found.knob, kind, value, found.value);
    if (wanted === undefined || wanted === plain(found.value)) continue;
    const isDiscrete = kind === "choice" || kind === "flag";
    commit(change.withKnob(spec, declared, where, wanted), {
      kind: isDiscrete ? "push" : "replace",
      source: id,
      slides: kind === "slider",
    });
  }
}

/** What is typed into a knob's field. @type {import("./fields.mjs").Taker} */
const taker = {
  take(id, text) {
    const found = spec && change.lookUp(spec, declared, id);
    if (!found) return null;
    const { allowed } = document.getElementById(domId(id))?.dataset ?? {};
    const { value, why } = typed(found.knob, text, allowed);
    if (why !== undefined || value === found.value) return why ?? null;
    commit(change.withKnob(spec, declared, id, value));
    field = id;
    return null;
  },
  step(id, by) {
    const found = spec && change.lookUp(spec, declared, id);
    return found && id.field === "number" ? written(stepped(found.knob, found.value, by)) : null;
  },
  shown(id) {
    const found = spec && change.lookUp(spec, declared, id);
    return found && written(found.value);
  },
};

/**
 * Open the editor on a copy of what there is; what comes of it is read by the server.
 * @param {"surface"|"run"} part @param {number} index
 */
function edit(part, index) {
  editor.open({ spec, declared, part, index }, (next) => open(textOf(next, declared), true));
}

/** A new run, at the rate that is good for it here. @param {string} name */
const fresh = (name) => change.newRun(declared, name, questionOf(spec).rates(spec, declared));

/**
 * Another optimizer for a run, or another kind of start.
 * @param {{part: string, index: number}} where @param {string} name
 */
function chosen({ part, index }, name) {
  if (!name) return;
  if (part !== "run" && part !== "start") {
    const one = /** @type {import("./scenario.mjs").Part} */ (part);
    if (name !== spec[one].name) commit(change.withPart(spec, declared, one, name), { kind: "push" });
    return;
  }
  if (part === "start" && name !== spec.start.name) {
    commit(change.withStart(spec, declared, name), { kind: "push" });
  } else if (part === "run" && name === "rule" && spec.runs[index]?.name !== name) {
    controls.forget("run");
    controls.sync(spec, declared); // the menu goes back until there is a rule
    edit("run", index);
  } else if (part === "run" && spec.runs[index] && name !== spec.runs[index].name) {
    commit(change.withRun(spec, index, fresh(name)), { kind: "push" });
  }
}

const actions = {
  /** @param {string} name */
  surface(name) {
    set(SURFACE_MENU, { opened: false });
    if (name === "formula") {
      if (spec.surface.name !== name) edit("surface", 0);
      else actions["edit-surface"]();
      return;
    }
    if (name !== spec.surface.name) commit(change.withSurface(spec, declared, name), { kind: "push" });
  },
  "edit-surface"() {
    edit("surface", 0);
  },
  /** @param {number} index */
  "edit-run"(index) {
    edit("run", index);
  },
  /** @param {number} index */
  more(index) {
    opened = opened === index ? null : index;
    tellServer();
  },
  /** @param {number} index */
  duplicate(index) {
    opened = null;
    commit(change.withCopy(spec, index), { kind: "push" });
  },
  /** @param {string} what */
  "what-if"(what) {
    const [at, kind] = /** @type {[string, import("./scenario.mjs").WhatIf]} */ (what.split(" "));
    const slope = player().state().point(Number(at), 0, 0)?.gradNorm ?? 1;
    commit(change.withWhatIf(spec, declared, Number(at), kind, slope), { kind: "push", isPick: true });
  },
  /** @param {number} index */
  remove(index) {
    opened = null;
    commit(change.withRun(spec, index, null), { kind: "push" });
  },
  present() {
    present.toggle(() => player().themeChanged());
  },
  picture() {
    takeaway.takePicture(player());
  },
  film() {
    takeaway.takeFilm(player(), loading.groundsOf(spec, declared));
  },
  "copy-python"() {
    takeaway.copyPython(player().state().query);
  },
  /** @param {unknown} _index @param {HTMLElement|null} button */
  "copy-link"(_index, button) {
    link.copy(button);
  },
};

/** What every page has. */
export const everywhere = {
  theme: () => theme.toggle(),
  help: () => set(HELP, { opened: true }),
};

/** @param {string} action @param {number|string} index @param {HTMLElement|null} button */
function acted(action, index, button) {
  /** @type {Record<string, (index: any, button: HTMLElement|null) => void>} */
  const known = spec ? { ...actions, ...everywhere } : everywhere;
  const act = known[action];
  act?.(index, button);
}

/** Listen to the page. */
export function watch() {
  on("control", controlled);
  controls.watch();
  fields.watch(taker);
  clicks.watch(acted);
  on("spec", ([given, notes, known]) => adopt(given, notes, known));
  on("add", ([name]) => {
    if (!name || !spec) return;
    set(ADD_RUN, { value: null });
    if (spec.runs.length >= declared.max_runs) return;
    if (name === "rule") {
      edit("run", spec.runs.length);
      return;
    }
    commit(change.withRun(spec, spec.runs.length, fresh(name)), { kind: "push" });
  });
  on("view", ([shown]) => {
    document.getElementById(PAGE).dataset.view = shown;
    window.dispatchEvent(new Event("resize"));
  });
  /** @param {string} part */
  const shown = (part) => () => {
    if (!spec) return;
    fields.flush();
    controls.forget(part);
    controls.sync(spec, declared);
  };
  on("surfaceShown", shown("surface"));
  on("runsShown", shown("run"));
  on("startShown", shown("start"));
  on("labShown", () => {
    ["net", "data", "init", "plane", "lab"].forEach((part) => shown(part)());
    window.nnopt.redraw();
  });
  theme.onChange(() => {
    if (spec) tellServer();
    if (spec && questionOf(spec).bringsFigures) { // its figures come with it
      loading.load(spec, declared, { play: false, keepStep: true });
    }
    player().themeChanged();
  });
  link.onEdit((query) => open(query, true));
  present.watch(() => player().themeChanged());
  lesson.watch();
  takeaway.saveData();
  const isRace = () => document.getElementById("transport") !== null && !lesson.isShown();
  window.addEventListener("popstate", () => isRace() && open(location.search.replace(/^\?/u, "")));
}
