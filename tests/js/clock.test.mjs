import { baseRate, Clock } from "/assets/player/core/clock.mjs";
import { close, equal, ok, test } from "./harness.mjs";

function started(steps = 160, available = steps) {
  const clock = new Clock();
  clock.start(steps, { play: true, from: 0 });
  clock.arrived(available);
  return clock;
}

test("time runs at the base rate times the speed", () => {
  const clock = started();
  clock.speed = 4;
  clock.tick(50);
  close(clock.time, 0.05 * baseRate(160) * 4, 1e-9);
});

test("the clock waits for rows, and goes on when they come", () => {
  const clock = started(160, 2);
  for (let i = 0; i < 10; i++) clock.tick(100);
  equal([clock.time, clock.playing], [2, true]);
  clock.arrived(160);
  ok(clock.tick(100) && clock.time > 2);
});

test("nothing moves before the first row", () => {
  const clock = new Clock();
  clock.start(160, { play: true, from: 0 });
  equal(clock.tick(100), false);
});

test("a tab that comes back does not jump", () => {
  const clock = started();
  clock.tick(60_000);
  ok(clock.time <= 0.1 * baseRate(160) + 1e-9);
});

test("it stops at the end, and plays again from the start", () => {
  const clock = started(20);
  for (let i = 0; i < 100; i++) clock.tick(100);
  equal([clock.step, clock.playing], [20, false]);
  clock.play();
  equal([clock.step, clock.playing], [0, true]);
});

test("pausing stops on a whole step; steps go on from there", () => {
  const clock = started();
  clock.tick(90);
  clock.pause();
  equal(clock.time % 1, 0);
  const from = clock.step;
  clock.move(1);
  equal(clock.step, from + 1);
  clock.move(-5000);
  equal(clock.step, 0);
});

test("a step asked for before it has come is shown when it comes", () => {
  const clock = started(160, 10);
  clock.seek(100);
  equal(clock.step, 10);
  clock.arrived(120);
  equal(clock.step, 100);
  clock.arrived(160);
  equal(clock.step, 100);
});

test("going to the end follows the rows there", () => {
  const clock = started(160, 10);
  clock.end();
  clock.arrived(90);
  clock.arrived(160);
  equal(clock.step, 160);
});

test("a long race takes seconds, not minutes", () => {
  ok(20_000 / baseRate(20_000) <= 12);
});
