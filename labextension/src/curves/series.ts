/**
 * One curve: all its points, its running mean, and, for drawing, the lowest and the highest value of each
 * block of points. Everything grows as points come; nothing is computed twice.
 */

export const BLOCK = 64;

/** A list of numbers that grows. */
export class Numbers {
  length = 0;

  push(value: number): void {
    if (this.length === this.all.length) {
      const larger = new Float64Array(2 * this.all.length);
      larger.set(this.all);
      this.all = larger;
    }
    this.all[this.length] = value;
    this.length += 1;
  }

  at(place: number): number {
    return this.all[place] as number;
  }

  private all = new Float64Array(64);
}

/** Values with the extremes of each block: the lowest and highest of any stretch are found without a walk. */
export class Line {
  readonly values = new Numbers();

  get length(): number {
    return this.values.length;
  }

  at(place: number): number {
    return this.values.at(place);
  }

  push(value: number): void {
    const block = Math.floor(this.values.length / BLOCK);
    if (this.values.length % BLOCK === 0) {
      this.low.push(Number.POSITIVE_INFINITY);
      this.high.push(Number.NEGATIVE_INFINITY);
      this.lost.push(0);
    }
    this.values.push(value);
    if (!Number.isFinite(value)) {
      this.lost[block] = (this.lost[block] as number) + 1;
    } else {
      this.low[block] = Math.min(this.low[block] as number, value);
      this.high[block] = Math.max(this.high[block] as number, value);
    }
  }

  /** Lowest and highest finite value in [from, to), and how many are not finite. */
  extremes(from: number, to: number): { low: number; high: number; lost: number } {
    const found = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY, lost: 0 };
    for (let place = from; place < to; ) {
      if (place % BLOCK === 0 && place + BLOCK <= to) {
        const block = place / BLOCK;
        found.low = Math.min(found.low, this.low[block] as number);
        found.high = Math.max(found.high, this.high[block] as number);
        found.lost += this.lost[block] as number;
        place += BLOCK;
        continue;
      }
      const value = this.values.at(place);
      if (Number.isFinite(value)) {
        found.low = Math.min(found.low, value);
        found.high = Math.max(found.high, value);
      } else {
        found.lost += 1;
      }
      place += 1;
    }
    return found;
  }

  private readonly low: number[] = [];
  private readonly high: number[] = [];
  private readonly lost: number[] = [];
}

export class Series {
  readonly steps = new Numbers();
  readonly walls = new Numbers();
  readonly raw = new Line();

  constructor(
    readonly run: string,
    readonly tag: string
  ) {}

  get length(): number {
    return this.raw.length;
  }

  push(step: number, wall: number, value: number): void {
    this.steps.push(step);
    this.walls.push(wall);
    this.raw.push(value);
  }

  /**
   * The running mean in which the last value weighs `1 - smoothing`, over all points and before any of them
   * is left out of the drawing: what was smoothed does not change when points follow, and a constant stays
   * what it is. (Early values are unbiased as in Kingma and Ba, "Adam", 2015, section 3.)
   */
  smoothed(smoothing: number): Line {
    if (smoothing !== this.mean.smoothing) {
      this.mean = { smoothing, value: 0, weight: 0, line: new Line() };
    }
    const { mean } = this;
    for (let place = mean.line.length; place < this.raw.length; place += 1) {
      const value = this.raw.at(place);
      if (Number.isFinite(value)) {
        mean.value = smoothing * mean.value + (1 - smoothing) * value;
        mean.weight = smoothing * mean.weight + (1 - smoothing);
      }
      mean.line.push(Number.isFinite(value) && mean.weight > 0 ? mean.value / mean.weight : Number.NaN);
    }
    return mean.line;
  }

  private mean = { smoothing: Number.NaN, value: 0, weight: 0, line: new Line() };
}
