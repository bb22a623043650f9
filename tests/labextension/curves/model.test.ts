import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Training } from '../../../labextension/src/contract/training';
import { inShort, TrainingModel } from '../../../labextension/src/curves/model';
import type { Series } from '../../../labextension/src/curves/series';
import { FakeKernel } from '../channel';
import { sample, samplePath } from '../samples';

const TRAINING = sample<Training>('training'); // "loss" of run <b>a</b>, "accuracy" of run b: 40 points each
const PART = sample<Training>('training_part'); // of 3,000 points each, some

function points(from: number, values: number[], tag = 'loss', run = '<b>a</b>') {
  const steps = Float64Array.from(values, (_, i) => from + i);
  return {
    content: { push: 'points', series: [{ run, tag, from }], progress: null, captions: null },
    buffers: [steps.buffer, steps.buffer, Float64Array.from(values).buffer] as ArrayBuffer[]
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what was saved is here without a kernel', () => {
  const model = new TrainingModel(TRAINING);
  const [loss] = model.shown('loss') as [Series];
  expect([model.tags, model.runs, model.isWhole]).toEqual([['loss', 'accuracy'], ['<b>a</b>', 'b'], true]);
  expect(loss.raw.at(0)).toBeCloseTo(Math.log(10), 6);
  expect(loss.raw.at(30)).toBeNaN();
  expect(model.text).toContain('loss: 2.303 = ln 10');
});

test('Python and TypeScript smooth alike', () => {
  const model = new TrainingModel(TRAINING);
  const kept = new TrainingModel({
    ...TRAINING,
    series: TRAINING.series.map(curve => ({ ...curve, count: 99 }))
  });
  expect([model.isWhole, kept.isWhole]).toEqual([true, false]);
  for (let place = 0; place < 40; place += 1) {
    const [ours, theirs] = [model, kept].map(each => each.smoothAt(each.shown('loss')[0] as Series, place));
    if (place === 30) {
      expect([ours, theirs]).toEqual([Number.NaN, Number.NaN]);
    } else {
      expect(ours).toBeCloseTo(theirs as number, 5);
    }
  }
});

test('a part of the points keeps the mean of all of them', () => {
  const model = new TrainingModel(PART);
  expect(model.isWhole).toBe(false);
  expect(model.smoothAt(model.shown('accuracy')[0] as Series, 60)).toBeGreaterThan(0);
});

test('points that are pushed are added, twice the same ones once', () => {
  const [model, kernel] = [new TrainingModel(TRAINING), new FakeKernel()];
  model.connect(kernel);
  const { content, buffers } = points(40, [0.5, 0.4]);
  kernel.push(content, buffers);
  kernel.push(content, buffers);
  const [loss] = model.shown('loss') as [Series];
  expect([loss.length, loss.raw.at(41)]).toEqual([42, 0.4]);
});

test('after a gap all points are asked for', async () => {
  const all = points(0, [3, 2, 1]);
  const kernel = new FakeKernel({ points: () => all });
  const model = new TrainingModel(TRAINING);
  model.connect(kernel);
  const { content, buffers } = points(50, [0.5]);
  kernel.push(content, buffers);
  await vi.advanceTimersByTimeAsync(1);
  expect(kernel.asked).toEqual([{ ask: 'points', details: { have: [] } }]);
  expect(model.shown('loss')[0]?.length).toBe(3);
});

test('Python answers what TypeScript asks', async () => {
  const kernel = new FakeKernel({
    points: () => points(0, [1]),
    step: () => ({ content: { step: 0, checkpoint: '', tensors: [] } }),
    keep: () => ({ content: {} })
  });
  const model = new TrainingModel(PART);
  model.connect(kernel);
  model.set({ smoothing: 0.7 });
  model.set({ smoothing: 0.8, logY: true });
  await model.recorded(7);
  await vi.advanceTimersByTimeAsync(2000);
  await expect(`${JSON.stringify(kernel.asked, null, 1)}\n`).toMatchFileSnapshot(
    samplePath('training_questions')
  );
});

test('axes: step, time since start, time of day', () => {
  const model = new TrainingModel(TRAINING);
  const [loss] = model.shown('loss') as [Series];
  expect(model.x(loss, 5)).toBe(5);
  model.set({ xAxis: 'relative' });
  expect(model.x(loss, 5)).toBe(5);
  model.set({ xAxis: 'wall' });
  expect(model.x(loss, 5)).toBe(1005);
  expect(model.xRange()).toEqual([1000, 1039]);
});

test('zoom stays while points come, and runs are hidden', () => {
  const [model, kernel] = [new TrainingModel(TRAINING), new FakeKernel()];
  model.connect(kernel);
  model.set({ view: [10, 20] });
  const { content, buffers } = points(40, [0.5]);
  kernel.push(content, buffers);
  expect(model.xRange()).toEqual([10, 20]);
  model.toggle('b');
  expect(model.shown('accuracy')).toEqual([]);
  model.toggle('b');
  expect(model.shown('accuracy').length).toBe(1);
});

test('ten thousand messages of one point: listeners are told, nothing else grows', () => {
  const [model, kernel] = [new TrainingModel({ ...TRAINING, series: [] }), new FakeKernel()];
  model.connect(kernel);
  const { buffers } = points(0, [1]);
  for (let i = 0; i < 10_000; i += 1) {
    kernel.push(points(i, []).content, buffers);
  }
  expect(model.shown('loss')[0]?.length).toBe(10_000);
  expect(kernel.listeners.size).toBe(1);
  expect(kernel.asked).toEqual([]);
});

test('without a kernel nothing is promised', async () => {
  await expect(new TrainingModel(TRAINING).recorded(3)).rejects.toThrow('gone');
});

test('a number beside an axis is short', () => {
  const short = [0, 0.000001, 1e-7, 0.0125, 1234567, 1000000, -0.00001, 299, 1e30].map(inShort);
  expect(short).toEqual(['0', '1e-6', '1e-7', '0.0125', '1235000', '1e6', '-1e-5', '299', '1e30']);
});
