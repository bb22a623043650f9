import { expect, test } from 'vitest';
import { stroke } from '../../../labextension/src/curves/chart';
import { decimate } from '../../../labextension/src/curves/decimate';
import { round, scale } from '../../../labextension/src/curves/scale';
import { Line, Series } from '../../../labextension/src/curves/series';

/** Numbers that look random and are the same each time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

function seriesOf(values: number[]): Series {
  const series = new Series('', 'loss');
  values.forEach((value, i) => {
    series.push(i, 1000 + i, value);
  });
  return series;
}

const listed = (line: Line) => Array.from({ length: line.length }, (_, i) => line.at(i));

test('the first k smoothed points never change when data is appended', () => {
  const next = noise(1);
  const values = Array.from({ length: 500 }, () => (next() < 0.02 ? Number.NaN : next()));
  for (const k of [1, 10, 64, 333]) {
    const part = seriesOf(values.slice(0, k));
    const before = listed(part.smoothed(0.9));
    values.slice(k).forEach((value, i) => {
      part.push(k + i, 0, value);
    });
    expect(listed(part.smoothed(0.9)).slice(0, k)).toEqual(before);
    expect(listed(part.smoothed(0.9))).toEqual(listed(seriesOf(values).smoothed(0.9)));
  }
});

test('a constant stays constant', () => {
  for (const value of listed(seriesOf(Array(300).fill(2.5)).smoothed(0.99))) {
    expect(value).toBeCloseTo(2.5, 12);
  }
});

test('decimation never hides a spike or a NaN at any width', () => {
  const next = noise(7);
  for (let round = 0; round < 60; round += 1) {
    const count = 1 + Math.floor(next() * 5000);
    const width = 1 + Math.floor(next() * 800);
    const line = new Line();
    const [spike, lost] = [Math.floor(next() * count), Math.floor(next() * count)];
    for (let i = 0; i < count; i += 1) {
      line.push(i === lost ? Number.NaN : i === spike ? 50 : next());
    }
    const columns = decimate(line, place => (place / Math.max(1, count - 1)) * width, width);
    expect(columns.length).toBeLessThanOrEqual(width + 1);
    expect(Math.max(...columns.map(column => column.high))).toBe(
      spike === lost ? Math.max(...columns.map(c => c.high)) : 50
    );
    expect(columns.reduce((sum, column) => sum + column.lost, 0)).toBe(1);
  }
});

test('only what is in view is drawn, and the line enters and leaves', () => {
  const line = new Line();
  for (let i = 0; i < 100; i += 1) {
    line.push(i);
  }
  const columns = decimate(line, place => (place - 40) * 10, 100);
  expect(columns[0]?.pixel).toBe(-10);
  expect(columns.at(-1)?.pixel).toBe(110);
  expect(decimate(new Line(), place => place, 100)).toEqual([]);
});

test('extremes of any stretch equal a walk', () => {
  const next = noise(3);
  const values = Array.from({ length: 1000 }, () => (next() < 0.01 ? Number.NaN : next()));
  const { raw } = seriesOf(values);
  for (let i = 0; i < 50; i += 1) {
    const [from, to] = [Math.floor(next() * 1000), Math.floor(next() * 1000)].sort((a, b) => a - b) as [
      number,
      number
    ];
    const part = values.slice(from, to).filter(Number.isFinite);
    const found = raw.extremes(from, to);
    expect([found.low, found.high]).toEqual([Math.min(...part), Math.max(...part)]);
    expect(found.lost).toBe(to - from - part.length);
  }
});

test('scales go there and back, straight and by logarithm', () => {
  for (const log of [false, true]) {
    const made = scale(0.01, 100, 50, 450, log);
    expect([made.toPixel(0.01), made.toPixel(100)].map(Math.round)).toEqual([50, 450]);
    expect(made.toValue(made.toPixel(3))).toBeCloseTo(3, 9);
  }
  expect(scale(0.01, 100, 50, 450, true).ticks()).toEqual(
    [0.01, 0.1, 1, 10, 100].map(n => expect.closeTo(n, 9))
  );
  expect(round(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(round(3, 3, 5)).toEqual([3]);
});

test('a curve with several values in a column of pixels is a band without gaps, with every spike', () => {
  const line = new Line();
  for (let i = 0; i < 10_000; i += 1) {
    line.push(i === 5000 ? 90 : Math.sin(i));
  }
  const bars: [number, number, number, number][] = [];
  const context = { lineWidth: 1, fillRect: (...bar: [number, number, number, number]) => bars.push(bar) };
  const columns = decimate(line, place => place / 100, 100);
  stroke(context as unknown as CanvasRenderingContext2D, columns, scale(-1, 100, 200, 0));
  expect(bars.length).toBe(columns.length);
  expect(Math.min(...bars.map(([, top]) => top))).toBeLessThan(20);
  bars.slice(1).forEach(([, top, , height], i) => {
    const [, before, , tall] = bars[i] as [number, number, number, number];
    expect(top).toBeLessThanOrEqual(before + tall);
    expect(before).toBeLessThanOrEqual(top + height);
  });
});
