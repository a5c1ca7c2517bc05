/** How long frames take on the main thread, and how soon a pick is seen. */

const KEPT = 300; // frames

export class FrameTimes {
  constructor() {
    /** Of the last frames that drew something. @type {number[]} */
    this.ms = [];
    this.afterPick = NaN; // ms from a pick to the first frame of its race
    this.pickedAt = NaN;
    /** @type {object|null} */
    this.pickedFrom = null;
  }

  /** @param {number} time of the pick @param {object|null} store what was shown then */
  picked(time, store) {
    this.afterPick = NaN;
    [this.pickedAt, this.pickedFrom] = [time, store];
  }

  /** Something was drawn. @param {number} began @param {object|null} store */
  drew(began, store) {
    const ended = performance.now();
    this.ms.push(ended - began);
    if (this.ms.length > KEPT) this.ms.shift();
    if (Number.isNaN(this.pickedAt) || store === this.pickedFrom) return;
    this.afterPick = ended - this.pickedAt;
    this.pickedAt = NaN;
  }
}
