/**
 * Which points of a curve a drawing of so many pixels needs: of each column of pixels the first and the last,
 * the lowest and the highest, and whether something there is not finite. So no spike and no NaN is hidden,
 * however narrow the drawing is. (Jugel and others, "M4", 2014.)
 */
import type { Line } from './series';

export interface Column {
  /** Pixel from the left. */
  pixel: number;
  first: number;
  last: number;
  low: number;
  high: number;
  /** How many values are NaN or infinite. */
  lost: number;
  /** How many values there are. */
  count: number;
}

/**
 * The columns between pixel 0 and `width` that hold points. `pixelOf` tells where the point at a place
 * stands; it never falls from one place to the next.
 */
export function decimate(line: Line, pixelOf: (place: number) => number, width: number): Column[] {
  const columns: Column[] = [];
  const end = firstFrom(line.length, place => pixelOf(place) > width);
  let place = firstFrom(line.length, at => pixelOf(at) >= 0);
  place = Math.max(0, place - 1); // the line enters from outside
  const stop = Math.min(line.length, end + 1);
  while (place < stop) {
    const pixel = Math.floor(pixelOf(place));
    const next = nextColumn(pixelOf, place, stop, pixel + 1);
    const { low, high, lost } = line.extremes(place, next);
    columns.push({
      pixel,
      first: line.at(place),
      last: line.at(next - 1),
      low,
      high,
      lost,
      count: next - place
    });
    place = next;
  }
  return columns;
}

/** The first place behind `from` at `pixel` or right of it: in steps that double, then by halves. */
function nextColumn(pixelOf: (place: number) => number, from: number, stop: number, pixel: number): number {
  let step = 1;
  while (from + step < stop && pixelOf(from + step) < pixel) {
    step *= 2;
  }
  const start = from + Math.floor(step / 2) + 1;
  const limit = Math.min(from + step, stop);
  return start >= limit ? limit : start + firstFrom(limit - start, at => pixelOf(start + at) >= pixel);
}

/** The first of 0 .. count - 1 for which `is` holds, where it holds from then on; `count` if for none. */
export function firstFrom(count: number, is: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
