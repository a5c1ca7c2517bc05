import { AfterPanel } from "/assets/player/panels/after.mjs";
import { newest, when } from "/assets/player/panels/happened.mjs";
import { equal, ok, place, test } from "./harness.mjs";
import { makeRace } from "./race.mjs";

const EVENTS = [
  { run: 1, kind: "bias_correction", title: "Bias correction", step: 1, until: 44,
    text: "From step 1 to 44 …", figures: {} },
  { run: 0, kind: "zigzag", title: "Zig-zag across a ravine", step: 6, until: 19,
    text: "From step 6 to 19 …", figures: {} },
  { run: 1, kind: "overshoot", title: "Overshoot", step: 6, until: 6, text: "Step 6 is too long.", figures: {} },
];

/** A panel that shows what happened. */
function panel(events = EVENTS, lanes_total = 1) {
  const root = place(), sought = [], made = new AfterPanel(root, (step) => sought.push(step));
  const { header } = makeRace();
  made.show({ ...header, lanes_total }, { outcomes: [], notes: [], events });
  made.choose("happened");
  return { root, made, sought };
}

const at = (step, isOver = false) => ({ step, isOver });

const current = (root) =>
  [...root.querySelectorAll(".nn-events button")].findIndex((b) => b.hasAttribute("aria-current"));

test("an event says when, and the newest at a step is the last that has begun", () => {
  equal(EVENTS.map(when), ["step 1–44", "step 6–19", "step 6"]);
  equal([0, 1, 5, 6, 99].map((step) => newest(EVENTS, step)), [-1, 0, 0, 2, 2]);
});

test("the switch shows the outcome or what happened", () => {
  const { root, made } = panel();
  const [outcome, happened] = [root.querySelector(".nn-outcome"), root.querySelector(".nn-happened")];
  ok(outcome.hidden && !happened.hidden);
  root.querySelector("input[value=outcome]").click();
  ok(!outcome.hidden && happened.hidden);
  equal(root.querySelectorAll("input[type=radio]").length, 2);
  made.choose("happened");
  equal(root.querySelector("input:checked").value, "happened");
});

test("each event is a button that goes to its step and is marked there", () => {
  const { root, made, sought } = panel();
  const buttons = [...root.querySelectorAll(".nn-events button")];
  equal(buttons.map((b) => b.querySelector("b").textContent), ["adam", "sgd", "adam"]);
  ok(buttons[1].textContent.includes("step 6–19") && buttons[1].textContent.includes("From step 6 to 19 …"));
  made.update(at(0));
  equal(current(root), -1);
  made.update(at(3));
  equal(current(root), 0);
  buttons[1].click();
  equal(sought, [6]);
  made.update(at(6));
  equal(current(root), 1); // the one chosen, though another begins there too
  made.update(at(7));
  equal(current(root), 2);
  made.update(at(0));
  equal(current(root), -1);
});

test("without events it says so, and of many starts whose they are", () => {
  ok(panel([]).root.querySelector(".nn-happened").textContent.startsWith("Nothing out of the ordinary"));
  ok(panel(EVENTS, 64).root.textContent.includes("first start of every run"));
});

test("the ending is told when the race has run, or when it is asked for", () => {
  const outcomes = [{ run: 0, verdict: "diverged", text: "Diverged at step 12", short: "diverged", icon: "diverged",
    lanes: 1, counts: {}, thresholds: "" }];
  const { header } = makeRace(), shown = { outcomes, notes: [], events: EVENTS };
  const begun = () => {
    const root = place(), made = new AfterPanel(root, () => {});
    made.expect(header);
    made.show(header, shown);
    made.update(at(6));
    return { root, made, says: (text) => root.textContent.includes(text) };
  };
  const hidden = (root) => [...root.querySelectorAll(".nn-events li")].map((item) => item.hidden);
  const race = begun();
  ok(race.says("racing") && !race.says("Diverged"));
  race.made.update(at(5));
  equal(hidden(race.root), [false, false, false]);
  race.made.update(at(160, true));
  ok(race.says("Diverged at step 12") && !race.says("racing"));
  const asked = begun();
  asked.root.querySelector(".nn-tell").click();
  ok(asked.says("Diverged at step 12"));
  const early = begun();
  early.made.expect(header);
  early.made.show(header, shown);
  early.made.update(at(3));
  equal(hidden(early.root), [false, true, true]);
});
