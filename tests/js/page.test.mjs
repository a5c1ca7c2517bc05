import { symbolOf, SYMBOLS } from "/assets/player/views/draw.mjs";
import { nearest } from "/assets/player/views/hover.mjs";
import { dotInterval, MapKey } from "/assets/player/views/key.mjs";
import { listenToKeys } from "/assets/player/panels/keyboard.mjs";
import { OutcomeTable, tally } from "/assets/player/panels/outcome.mjs";
import { newSeries, Overlay } from "/assets/player/views/overlay.mjs";
import { RunStore } from "/assets/player/core/store.mjs";
import { SEEN } from "/assets/player/views/trail.mjs";
import { Transport } from "/assets/player/panels/transport.mjs";
import { equal, ok, place, test } from "./harness.mjs";
import { makeRace } from "./race.mjs";

test("twelve runs have twelve pairs of colour and symbol", () => {
  // Runs 9 to 12 repeat the colours of 1 to 4.
  const pairs = Array.from({ length: 12 }, (_, run) => `${run % 8 === run ? run : run - 8} ${symbolOf(run)}`);
  equal(new Set(pairs).size, 12);
  ok(pairs.every((pair) => SYMBOLS.includes(pair.split(" ")[1])));
});

const actions = (log) => Object.fromEntries(
  ["home", "back", "toggle", "on", "end", "seek", "speed", "move"].map((name) => [name, (v) => log.push([name, v])]));

test("the transport bar has names, a slider and marks", () => {
  const log = [], root = place();
  const bar = new Transport(root, actions(log));
  bar.update({ step: 34, time: 34.5, steps: 160, playing: true, available: 160 });
  bar.mark([{ run: 0, first_within: 80 }, { run: 1, first_within: null }, { run: 2, first_within: 81 }], 160);
  const names = [...root.querySelectorAll("button")].map((b) => b.getAttribute("aria-label"));
  equal(names, ["To the start", "One step back", "Pause", "One step on", "To the end"]);
  const slider = root.querySelector("input[type=range]");
  equal([slider.max, slider.value, slider.getAttribute("aria-valuetext")], ["160", "34", "step 34 of 160"]);
  equal(root.querySelectorAll(".nn-marks svg").length, 2);
  ok(root.textContent.includes("step 34 of 160"));
  root.querySelectorAll("button").forEach((button) => button.click());
  slider.value = "12";
  slider.dispatchEvent(new Event("input"));
  root.querySelector("input[type=radio][value='4']").click();
  equal(log.map(([name, v]) => (typeof v === "number" ? `${name} ${v}` : name)),
    ["home", "back", "toggle", "on", "end", "seek 12", "speed 4"]);
});

const OUTCOMES = [
  { run: 0, lanes: 1, verdict: "local_minimum", icon: "ring", text: "Settled in a local minimum",
    short: "local minimum",
    x: -3.7, y: -3.2, loss: 36.44, gap: 36.44, first_within: 75, ended: null, thresholds: "Within 0.001.", counts: {} },
  { run: 1, lanes: 1, verdict: "diverged", icon: "diverged", text: "Diverged at step 12", short: "diverged",
    x: 1, y: 2, loss: null, gap: null, first_within: null, ended: 12, thresholds: "Within 0.001.", counts: {} },
];

test("the outcome table says what became of each run, and how that is decided", () => {
  const root = place(), table = new OutcomeTable(root), { header } = makeRace();
  table.race(header);
  ok(root.textContent.includes("racing"));
  table.show(header, { outcomes: OUTCOMES, notes: ["Every 3rd step is shown."] });
  const texts = (name) => [...root.querySelectorAll(`tbody .nn-${name}`)].map((node) => node.textContent);
  equal(texts("name"), ["sgdlr 0.1", "adamlr 0.1"]);
  equal(texts("long"), ["Settled in a local minimum", "Diverged at step 12"]);
  equal(texts("short"), ["local minimum", "diverged at step 12"]);
  equal([texts("where"), texts("when"), texts("loss")], [["−3.7, −3.2", "1, 2"], ["75", "–"], ["36.44", "–"]]);
  equal(root.querySelector("details p").textContent, "Within 0.001.");
  ok(root.textContent.includes("Every 3rd step is shown."));
});

test("where a loss gap was asked for, the table says when it was reached, not when a run settled", () => {
  const root = place(), table = new OutcomeTable(root), { header } = makeRace({ steps: 1 });
  const heads = () => [...root.querySelectorAll("thead th")].map((th) => th.textContent);
  table.show(header, { outcomes: OUTCOMES, notes: [] });
  ok(heads().includes("settled at") && heads().includes("After 1 step"));
  table.show({ ...header, spec: { ...header.spec, tol: 0.1 } }, { outcomes: OUTCOMES, notes: [] });
  ok(heads().includes("reached at") && !heads().includes("settled at"));
});

test("of many starts the table of the changed world says of which one it is", () => {
  const root = place(), table = new OutcomeTable(root), shift = { before: 1, after: 2, best: 1, regret: 1 };
  const shown = (lanes) => {
    const { header } = makeRace({ lanes });
    table.show(header, { outcomes: [{ ...(lanes > 1 ? MANY : OUTCOMES)[0], shift }], notes: [] });
    return root.textContent.includes("Of one start of each run");
  };
  equal([shown(1), shown(4)], [false, true]);
});

test("names are text, never markup", () => {
  const root = place(), { header } = makeRace({ runs: ["<img src=x>", "adam"] });
  new OutcomeTable(root).show(header, { outcomes: OUTCOMES, notes: [] });
  equal(root.querySelector("img"), null);
});

const ENDS = [[3, 0.5, 2, 7], [40, 1e-9, 1.6e-5, 0.25], [0, 5, null, null]];
const MANY = ENDS.map(([reached, lower, median, upper], run) => ({
  ...OUTCOMES[0], run, lanes: 64, counts: { global_minimum: reached, moving: 64 - reached },
  verdict: reached > 32 ? "global_minimum" : "moving",
  starts: { reached, share: reached / 64, lower, median, upper },
}));

test("of many starts the table shows shares, medians and quartiles, and no single one's place", () => {
  const root = place(), table = new OutcomeTable(root);
  const { header } = makeRace({ runs: ["sgd", "adam", "muon"], lanes: 64 });
  table.show(header, { outcomes: MANY, notes: [] });
  const texts = (name) => [...root.querySelectorAll(`tbody .nn-${name}`)].map((node) => node.textContent);
  equal(texts("reached"), ["3 of 64, 4.7%", "40 of 64, 62.5%", "0 of 64, 0%"]);
  equal([texts("loss"), texts("spread")], [["2", "1.6 × 10⁻⁵", "∞"],
    ["0.5 to 7", "1 × 10⁻⁹ to 0.25", "5 to ∞"]]);
  equal([texts("where"), texts("when"), texts("gap")], [[], [], []]);
});

test("the table sorts by a column, then turned round, then as the runs stand", () => {
  const root = place(), table = new OutcomeTable(root);
  const { header } = makeRace({ runs: ["sgd", "adam", "muon"], lanes: 64 });
  table.show(header, { outcomes: MANY, notes: [] });
  const names = () => [...root.querySelectorAll("tbody b:first-of-type")].map((b) => b.textContent)
    .filter((text) => !/\d/u.test(text)).join(" ");
  const press = (name) => root.querySelector(`[data-sort=${name}]`).click();
  const said = () => [...root.querySelectorAll("[aria-sort]")].map((th) => th.getAttribute("aria-sort")).join();
  press("loss");
  equal([names(), said()], ["adam sgd muon", "ascending"]);
  press("loss");
  equal([names(), said()], ["muon sgd adam", "descending"]);
  press("loss");
  equal([names(), said()], ["sgd adam muon", ""]);
  press("reached");
  equal([names(), said()], ["adam sgd muon", "descending"]);
  equal(document.activeElement.dataset.sort, "reached");
  table.show(header, { outcomes: MANY, notes: [] }); // a new race of the same keeps the order
  equal(names(), "adam sgd muon");
  press("name");
  equal(names(), "sgd adam muon");
});

test("many starts are counted", () => {
  equal(tally({ global_minimum: 3, diverged: 0, local_minimum: 9 }), [["local_minimum", 9], ["global_minimum", 3]]);
});

test("keys play and step, but not while typing, sliding or pressing", () => {
  const log = [], root = place();
  listenToKeys(actions(log));
  const input = document.createElement("input"), button = document.createElement("button");
  root.append(input, button);
  const press = (target, key) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const key of [" ", "ArrowLeft", "ArrowRight", "Home", "End", "x"]) press(document.body, key);
  equal(log.map(([name, v]) => (name === "move" ? `${name} ${v}` : name)),
    ["toggle", "move -1", "move 1", "home", "end"]);
  for (const key of [" ", "ArrowLeft"]) press(input, key);
  press(button, " ");
  equal(log.length, 5);
  press(button, "ArrowLeft");
  equal(log.length, 6);
});

test("a map has some tens of dots however long the race", () => {
  for (const steps of [50, 160, 500, 2000, 20_000]) {
    const dots = steps / dotInterval(steps);
    ok(dots >= 5 && dots <= 50, `${steps}: ${dots}`);
  }
});

test("the key names the dashes only where there are some", () => {
  const root = place(), key = new MapKey(root), race = { steps: 100, paths: 2, crowded: false };
  key.update({ best: 0, top: 2 }, { ...race, answers: false });
  ok(!root.textContent.includes("dashed"), root.textContent);
  key.update({ best: 0, top: 2 }, { ...race, answers: true });
  ok(root.textContent.includes("dashed: the answer, often an average"), root.textContent);
});

/** A view whose pixels are ten times its numbers. */
class Plain extends Overlay {
  locate({ run, lane }, row) {
    const point = this.store.point(run, lane, Math.floor(row));
    return point ? { x: 10 * point.x, y: 10 * point.y, by: SEEN } : { x: NaN, y: NaN, by: SEEN };
  }
}

test("hover finds the very point, the present one first, and only what shows", () => {
  const race = makeRace({ steps: 30, point: (run, lane, step) => [Math.min(step, 20), 10 * run, 1, 1] });
  const view = new Plain("none", "none", {});
  view.store = new RunStore(race.header);
  view.store.accept(race.values, 31);
  view.series = [newSeries(0, 0), newSeries(1, 0)];
  for (const series of view.series) {
    view.extend(series, 0, 31);
    series.trail.rows = 31;
  }
  const at = (x, y, row, rest) => {
    const found = nearest(view, x, y, row, rest);
    return found && [found.series.run, found.row];
  };
  equal(at(71, 2, 30, false), [0, 7]);
  equal(at(71, 98, 30, false), [1, 7]);
  equal(at(150, 0, 5, false), null); // still to come
  equal(at(150, 0, 5, true), [0, 15]); // paused: the rest shows
  equal(at(200, 0, 28, false), [0, 28]); // settled: where it is now
  equal(at(40, 50, 30, true), null); // nothing near
});
