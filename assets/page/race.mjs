/**
 * The race page: holds the spec, and passes every change on to controls, address, stream
 * and, where Python is needed, to the server.
 */

import * as asked from "./asked.mjs";
import { exists, on, parse, set } from "./bridge.mjs";
import * as clicks from "./clicks.mjs";
import * as controls from "./controls.mjs";
import * as drift from "./drift.mjs";
import * as editor from "./editor.mjs";
import * as fields from "./fields.mjs";
import { Showing } from "./figures.mjs";
import * as guide from "./guide.mjs";
import * as held from "./held.mjs";
import * as history_ from "./history.mjs";
import { ADD_RUN, domId, HELP, PAGE, QUERY, RUNS_LIST, RUNS_SHAPE, SPEC, SURFACE_MENU, VIEWING } from "./ids.mjs";
import * as inView from "./in_view.mjs";
import { read, stepped, typed, written } from "./knobs.mjs";
import * as lesson from "./lesson.mjs";
import * as link from "./link.mjs";
import * as loading from "./loading.mjs";
import * as names from "./names.mjs";
import { hasOneWeight } from "./one_weight.mjs";
import { add, explain, say } from "./notice.mjs";
import * as opening from "./opening.mjs";
import * as options from "./options.mjs";
import * as present from "./present.mjs";
import { surfaceText } from "./query.mjs";
import { formatsOf, isDraft, name, own, questionOf, textOf, TRAINING } from "./questions.mjs";
import * as runs from "./runs.mjs";
import * as change from "./scenario.mjs";
import * as seen from "./seen.mjs";
import * as share from "./share.mjs";
import * as takeaway from "./takeaway.mjs";
import * as probe from "./probe.mjs";
import * as steer from "./steer.mjs";
import * as theme from "./theme.mjs";
import * as view from "./view.mjs";
import * as viewing from "./viewing.mjs";

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
let noted = ""; // what was said last of an address, as text
let hasFailed = false;
let hasChanged = false; // the spec awaited from the server was made on this page
/** What each key store was last given, as text. @type {Record<string, string>} */
const sent = {};
/** What a click on the map has changed last: a second click takes it back.
 * @type {{spec: Spec, step: number, playing: boolean}|null} */
let picked = null;
/** @param {import("./figures.mjs").Figures|null} made */
const showFigures = async (made) => {
  await loading.showFigures(made);
  seen.show(spec); // whether it is a map or a curve
  steer.shown();
};
const figures = new Showing(showFigures, (problem) => {
  player().groundless();
  say([explain(problem)]);
});

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
  const { styles, names } = viewing.current();
  const rows = text([opened, styles, names?.runs, spec.runs.map((run) => [
    run.name, own(run), run.knobs.schedule?.name, run.knobs.noise?.name])]);
  return { ...questionOf(spec).shapes(spec, names?.surface), [RUNS_SHAPE]: rows };
}

function tellServer(slides = false) {
  const query = viewing.beside(textOf(spec, declared));
  const made = exists(RUNS_LIST) ? shapes() : {}; // a lesson has no rail
  for (const [store, key] of Object.entries(made)) put(store, key, { query, opened, key });
  const surface = questionOf(spec).bringsFigures ? null : surfaceText(drift.now(spec), declared);
  steer.about(surface, theme.theme());
  if (surface !== null) figures.want(surface + steer.look(), theme.theme(), slides);
}

/**
 * Take a new spec.
 * @param {Spec} next
 * @param {{kind?: "push"|"replace"|null, source?: KnobId|null, slides?: boolean, isPick?: boolean,
 *   loads?: {play?: boolean, keepStep?: boolean}}} how
 */
function commit(next, how = {}) {
  const { kind = "replace", source = null, slides = false, isPick = false, loads = { play: true } } = how;
  const kept = runs.kept(viewing.current(), spec, next);
  if (spec && !sameSurface(spec, next)) viewing.see({ x: undefined, y: undefined });
  spec = next;
  field = null;
  seen.show(spec);
  held.drop(`${SPEC}.data`); // an address that the server has not read by now was asked for before
  hasChanged = false;
  asked.tell(spec, declared);
  lesson.follow(spec);
  if (kind) history_.expect(kind);
  clearTimeout(settling);
  loading.load(spec, declared, slides ? { play: false, keepStep: true } : loads);
  viewing.change(kept); // with the race that it belongs to
  if (slides) settling = setTimeout(loading.replay, SETTLED);
  clearTimeout(telling);
  // A click is answered by the race first: controls and server hear of it after its first frames.
  if (isPick) telling = setTimeout(() => tell(), AFTER_FIRST_FRAMES);
  else tell(source, slides);
}

/** Is it the same surface, perhaps with other knobs? @param {Spec} one @param {Spec} other */
const sameSurface = ({ surface: a }, { surface: b }) =>
  a?.name === b?.name && a?.knobs.f === b?.knobs.f && a?.knobs.bounds === b?.knobs.bounds;

/** A click that was half a double click: the start goes back, and the race to where it was. */
function unpick() {
  if (!picked) return;
  const { spec: before, step, playing } = picked;
  picked = null;
  commit(before, { isPick: true, loads: { play: playing } });
  const stop = player().on("header", () => {
    stop();
    if (loading.latest() !== before) return;
    player().seek(step);
    if (playing) player().play();
  });
}

/** Bring the controls and the server to the present spec. @param {KnobId|null} [source] */
function tell(source = null, slides = false) {
  controls.sync(spec, declared, source);
  tellServer(slides);
}

/**
 * A spec from the server: the first one, or one read from an address.
 * @param {(Spec & {query: string})|null} given with its canonical text
 * @param {string[]|null} notes @param {Declared} known @param {viewing.Viewing|null} keys its viewing keys
 * @param {boolean} isAsked do they come from an address?
 */
function adopt(given, notes, known, keys, isAsked) {
  declared = known;
  options.know(known.about);
  if (!given) return;
  const { query, ...read } = given;
  const isFirst = spec === null, isSame = !isFirst && text(read) === text(spec);
  if (isFirst || isSame) viewing.adopt(keys);
  if (isSame) {
    if (text(notes) !== noted && notes?.length) say(notes); // the same answer may be handed over twice
    noted = text(notes);
    if (isAsked) opening.follow(player());
    return;
  }
  name((spec = read), query);
  seen.show(spec);
  say(notes ?? []);
  noted = text(notes);
  hasFailed = false;
  if (isFirst) {
    Object.assign(sent, shapes()); // the server has just made these for this very spec
    theme.apply();
    connect();
    steer.begin((place) => {
      if (questionOf(spec).takesStart && !lesson.isShown()) commit(change.startingAt(spec, declared, place));
    });
    lesson.begin();
    guide.begin();
  } else {
    opened = null;
    controls.sync(spec, declared);
  }
  asked.tell(spec, declared);
  lesson.follow(spec);
  tellServer();
  link.show(textOf(spec, declared), formatsOf(spec, declared));
  history_.expect(hasChanged ? "push" : null);
  hasChanged = false;
  loading.load(spec, declared, { ...opening.how(keys ?? {}), look: runs.lookOf(keys ?? {}) });
  if (isAsked) viewing.adopt(keys);
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
    if (!questionOf(spec).takesStart || lesson.isShown() || probe.reads()) return;
    engine.expect(textOf(change.startingAt(spec, declared, place, hasOneWeight()), declared));
  });
  engine.on("pick", ({ x, y, done }) => {
    picked = null;
    if (!lesson.isShown() && probe.takes({ x, y })) return;
    if (!questionOf(spec).takesStart) return;
    if (lesson.takes({ x, y })) return;
    const { step, playing } = player().state();
    if (done) picked = { spec, step, playing };
    commit(change.startingAt(spec, declared, { x, y }, hasOneWeight()), { slides: !done, isPick: true });
  });
  engine.on("double", ({ picked: isPick }) => {
    if (isPick) unpick();
    view.reset();
  });
  engine.on("step", (step) => {
    if (!drift.moved(step)) return;
    tellServer(true);
    clearTimeout(drifting);
    drifting = setTimeout(tellServer, SETTLED);
  });
  engine.on("add", ({ of, call }) => {
    if (lesson.isShown()) return;
    if (spec.runs.length >= declared.max_runs) say([`A race has at most ${declared.max_runs} runs: remove one first.`]);
    else commit(change.withChanged(spec, of, call), { kind: "push", isPick: true });
  });
  engine.on("header", (header) => {
    drift.begin(header);
    if (header.s) tellServer(true);
    if (hasFailed) say([]);
    fields.content();
    hasFailed = false;
    const late = opening.told(header);
    if (late) add(late);
    name(loading.latest(), header.query);
    history_.settle(header.query);
    clearTimeout(linking); // the race comes first: React takes its time over the links
    linking = setTimeout(() => {
      link.show(header.query, formatsOf(spec, declared));
      if (!header.kind) takeaway.fit(header, formatsOf(spec, declared));
    }, AFTER_FIRST_FRAMES);
  });
  engine.on("figures", showFigures);
  engine.on("done", (trailer) => {
    if ("figures" in trailer && trailer.figures) loading.refine(spec, declared);
  });
  engine.on("error", (problem) => {
    hasFailed = true;
    say([explain(problem)]);
    if (field) fields.complain(field, explain(problem));
    // What was set is not possible: the controls go where the server would, which says what it changed.
    else if (problem.status === 400 && isDraft(spec) && questionOf(spec) === TRAINING) {
      open(viewing.beside(textOf(spec, declared)), true);
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
 * Open the editor on what there is; what comes of it is read by the server.
 * @param {"surface"|"run"} part @param {number} index @param {boolean} [isCopy] a run that is added below it
 */
function edit(part, index, isCopy = false) {
  const keys = viewing.current(), list = keys.names;
  if (isCopy && spec.runs.length >= declared.max_runs) {
    say([`There are ${declared.max_runs} runs, the most there can be: remove one, and then edit a copy.`]);
    return;
  }
  const name = isCopy ? "" : (part === "surface" ? list?.surface : list?.runs[index]) ?? "";
  editor.open({ spec, declared, part, index, isCopy, name }, (next, called) => {
    const kept = { ...keys, ...runs.kept(keys, spec, next) };
    const named = { ...kept, ...runs.withName(kept, part, isCopy ? index + 1 : index, called) };
    open(viewing.beside(textOf(next, declared), named), true);
  });
}

/** A name for a run, typed in its panel. @param {number} index @param {string} name */
function called(index, name) {
  if (!spec?.runs[index]) return;
  viewing.change(runs.withName(viewing.current(), "run", index, name));
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
    edit("run", index, spec.runs[index].name !== "rule");
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
  sweep(index) {
    opened = null;
    const { next, left } = runs.swept(spec, declared, index);
    if (next.runs.length > spec.runs.length) commit(next, { kind: "push" });
    say(left);
  },
  /** @param {number} index */
  remove(index) {
    opened = null;
    commit(change.withRun(spec, index, null), { kind: "push" });
  },
  /** @param {number|"close"} what */
  guide(what) {
    guide.press(what, guided);
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
};

/** What a step of the guide does. @param {import("./guide.mjs").Does} does */
function guided({ seek, compare, start }) {
  if (seek !== undefined) player().seek(seek);
  if (compare) player().compare(...compare);
  if (start) commit(change.startingAt(spec, declared, { x: start[0], y: start[1] }), { kind: "push" });
}

/** What every page has. */
export const everywhere = {
  theme: () => theme.toggle(),
  help: () => set(HELP, { opened: true }),
  present: () => present.toggle(),
  share: () => share.open(),
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
  names.watch(called);
  on("spec", ([given, notes, known, keys], triggered) => {
    const isAsked = spec === null || triggered.some(({ prop_id: by }) => by === `${VIEWING}.data`);
    adopt(given, notes, known, isAsked ? keys : viewing.current(), isAsked);
  });
  on("viewing", ([given]) => viewing.adopt(given));
  viewing.onChange(() => {
    history_.again();
    player().look(runs.lookOf(viewing.current()));
    if (!spec) return;
    link.show(textOf(spec, declared), formatsOf(spec, declared));
    tellServer();
  });
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
    const { dataset } = document.getElementById(PAGE), isOther = dataset.view !== shown;
    dataset.view = shown;
    if (isOther) viewing.see({ shows: shown === "map" ? undefined : shown });
    window.dispatchEvent(new Event("resize"));
  });
  /** @param {string} part */
  const shown = (part) => () => {
    if (!spec) return;
    fields.flush();
    controls.forget(part);
    controls.sync(spec, declared);
    asked.tell(spec, declared);
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
  inView.watch((where, value, slides) => commit(change.withKnob(spec, declared, where, value), { slides }));
  lesson.watch();
  takeaway.saveData();
  const isRace = () => document.getElementById("transport") !== null && !lesson.isShown();
  window.addEventListener("popstate", () => isRace() && open(location.search.replace(/^\?/u, "")));
}
