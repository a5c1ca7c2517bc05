/** The one clock of the page: wall time in, fractional step out. */

export const SPEEDS = [0.25, 1, 2, 4];

const SLOWEST = 20; // steps a second at 1×: a beginner can follow each step of a short race
const LONGEST = 12; // seconds at 1×: a long race goes faster instead of taking minutes
const BIGGEST_TICK = 100; // ms; a tab that comes back from the background does not jump

/** Does the visitor ask for less motion? Then the player opens at the end. */
export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Steps a second at 1×. @param {number} steps */
export const baseRate = (steps) => Math.max(SLOWEST, steps / LONGEST);

export class Clock {
  constructor() {
    this.time = 0; // fractional step
    this.steps = 0;
    this.available = -1; // the last step whose row has arrived; the clock never passes it
    this.playing = false;
    this.speed = 1;
    this.toEnd = false; // stay at the newest step as rows arrive (End, reduced motion)
    this.wanted = -1; // a step asked for before its row has arrived
    this.isHeld = false; // stays at the start, whatever is asked for
  }

  /** Stay at the start, or run from there. @param {boolean} on */
  hold(on) {
    this.isHeld = on;
    this.playing = this.toEnd = false;
    this.time = 0;
    this.wanted = -1;
    if (on) return;
    if (reducedMotion()) this.end();
    else this.play();
  }

  /** The whole step shown. */
  get step() {
    return Math.floor(this.time + 1e-6);
  }

  /** Is the end shown, or will it be as soon as its row is there? */
  get isOver() {
    return this.atEnd || this.toEnd || (this.steps > 0 && this.wanted >= this.steps);
  }

  get atEnd() {
    return this.steps > 0 && this.time >= this.steps;
  }

  /**
   * Begin a race of so many steps.
   * @param {number} steps
   * @param {{play: boolean, from: number}} how
   */
  start(steps, { play, from }) {
    this.steps = steps;
    this.available = -1;
    this.time = 0;
    this.wanted = Math.min(from, steps);
    if (this.isHeld) this.wanted = -1;
    this.toEnd = play && !this.isHeld && reducedMotion();
    this.playing = play && !this.isHeld && !this.toEnd;
  }

  /** Rows up to this step are there. @param {number} step */
  arrived(step) {
    this.available = step;
    if (this.wanted > 0) {
      this.time = Math.min(this.wanted, step);
      if (step >= this.wanted) this.wanted = -1;
    }
    if (this.toEnd) this.time = step;
  }

  /** Move on by wall time. @param {number} ms @returns {boolean} whether the time changed */
  tick(ms) {
    if (!this.playing || this.available < 0) return false;
    const by = (Math.min(ms, BIGGEST_TICK) / 1000) * baseRate(this.steps) * this.speed;
    const next = Math.min(this.time + by, this.available);
    const moved = next !== this.time;
    this.time = next;
    if (this.atEnd) this.playing = false;
    return moved;
  }

  play() {
    if (this.isHeld) return;
    if (this.atEnd) this.time = 0;
    this.toEnd = false;
    this.wanted = -1;
    this.playing = this.steps > 0;
  }

  /** Play on from a step, which may still be to come. @param {number} step */
  goFrom(step) {
    if (this.isHeld || !this.playing || step <= this.time) return;
    this.time = Math.min(step, this.steps, Math.max(0, this.available));
    this.wanted = step > this.available ? step : -1;
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Stop on a whole step: between two steps there is nothing to read off. */
  pause() {
    this.playing = false;
    this.time = Math.min(Math.round(this.time), Math.max(0, this.available));
  }

  /** @param {number} step */
  seek(step) {
    this.playing = false;
    this.toEnd = false;
    this.#goTo(Math.round(step));
  }

  /** @param {number} by steps, negative to go back */
  move(by) {
    this.seek((by > 0 ? this.step : Math.ceil(this.time)) + by);
  }

  end() {
    this.seek(this.steps);
    this.toEnd = !this.isHeld;
  }

  /** @param {number} step */
  #goTo(step) {
    if (this.isHeld) return;
    const inside = Math.max(0, Math.min(step, this.steps));
    this.time = Math.min(inside, Math.max(0, this.available));
    this.wanted = inside > this.available ? inside : -1;
  }
}
