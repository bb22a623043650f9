/** From numbers to pixels and back, straight or by logarithm, and round numbers for an axis. */

export interface Scale {
  toPixel: (value: number) => number;
  toValue: (pixel: number) => number;
  ticks: () => number[];
}

/** `low` and `high` come to stand at pixel `start` and `end`. A logarithmic scale needs numbers above 0. */
export function scale(low: number, high: number, start: number, end: number, log = false): Scale {
  const bend = log ? Math.log10 : (value: number) => value;
  const unbend = log ? (value: number) => 10 ** value : (value: number) => value;
  const [from, to] = [bend(low), bend(high)];
  const size = to - from || 1;
  return {
    toPixel: value => start + ((bend(value) - from) / size) * (end - start),
    toValue: pixel => unbend(from + ((pixel - start) / (end - start)) * size),
    ticks: () => (log ? powers(low, high) : round(low, high, Math.max(2, Math.abs(end - start) / 45)))
  };
}

/** About `most` multiples of 1, 2 or 5 times a power of ten. */
export function round(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most;
  if (!(rough > 0) || !Number.isFinite(rough)) {
    return [low];
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(times => times * power).find(each => each >= rough) ?? 10 * power;
  const found: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9 && found.length < 50; i += 1) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

function powers(low: number, high: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const skip = Math.max(1, Math.ceil((last - first) / 8));
  const found: number[] = [];
  for (let power = first; power <= last; power += skip) {
    found.push(10 ** power);
  }
  return found.length > 1 ? found : round(low, high, 4);
}
