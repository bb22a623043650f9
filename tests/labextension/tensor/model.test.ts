import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tensor } from '../../../labextension/src/contract/tensor';
import { TensorModel } from '../../../labextension/src/tensor/model';
import { inFull, inWords } from '../../../labextension/src/tensor/numbers';
import { FakeKernel } from '../channel';
import { sample, samplePath } from '../samples';

const TENSOR = sample<Tensor>('tensor'); // (2, 3, 4), 0 to 23, but NaN at [0, 1, 2] and -2.5 at [0, 0, 1]

function kernel() {
  return new FakeKernel({
    tile: ({ lead, rows, columns }) => ({
      content: {
        lead,
        rows: [(rows as number[])[0], 3],
        columns: [(columns as number[])[0], 4],
        type: 'float32'
      },
      buffers: [Float32Array.from({ length: 12 }, (_, i) => 12 + i).buffer]
    }),
    pictures: () => ({ content: { pictures: [] } }),
    keep: () => ({ content: {} }),
    contribution: () => ({ content: sample('contribution') })
  });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what was saved is here without a kernel', () => {
  const model = new TensorModel(TENSOR);
  expect([model.rows, model.columns, model.outer]).toEqual([3, 4, [2]]);
  expect([model.value(2, 3), model.value(0, 1), model.value(1, 2)]).toEqual([11, -2.5, Number.NaN]);
  model.setLead(0, 1);
  expect(model.value(2, 3)).toBeNull();
});

test.each([
  [[], 1, 1, []],
  [[5], 1, 5, [3]],
  [[4, 5], 4, 5, [2, 3]],
  [[2, 3, 4, 5], 4, 5, [0, 0, 2, 3]]
])('any rank is a stack of tables: %j', (shape, rows, columns, index) => {
  const model = new TensorModel({ ...TENSOR, tile: null, summary: { ...TENSOR.summary, shape } });
  expect([model.rows, model.columns]).toEqual([rows, columns]);
  expect(model.index(2, 3)).toEqual(index);
});

test('a list of words is a column', () => {
  const model = new TensorModel(sample('tensor_of_strings'));
  expect([model.rows, model.columns]).toEqual([2, 1]);
  expect(model.value(0, 0)).toBe('<b>bold</b>');
  expect(model.index(1, 0)).toEqual([1]);
});

test('Python answers what TypeScript asks', async () => {
  const [model, channel] = [new TensorModel(TENSOR), kernel()];
  model.connect(channel);
  model.setLead(0, 1);
  model.want([0, 3], [0, 4]);
  await vi.advanceTimersByTimeAsync(1000);
  await model.contribution(1, 2);
  expect(model.value(0, 0)).toBe(12);
  await expect(`${JSON.stringify(channel.asked, null, 1)}\n`).toMatchFileSnapshot(
    samplePath('tensor_questions')
  );
});

test('a block is asked for once, and only what is in view', async () => {
  const shape = [100_000, 1000];
  const model = new TensorModel({ ...TENSOR, tile: null, summary: { ...TENSOR.summary, shape } });
  const channel = kernel();
  model.connect(channel);
  for (let i = 0; i < 3; i += 1) {
    model.want([40_000, 40_010], [500, 508]);
  }
  await vi.advanceTimersByTimeAsync(10);
  model.want([40_000, 40_010], [500, 508]);
  expect(channel.asked).toEqual(
    [{ ask: 'tile', details: { lead: [0], rows: [40_000, 40_032], columns: [480, 512] } }].map(each => ({
      ...each,
      details: { ...each.details, lead: [] }
    }))
  );
});

test('memory stays bounded however far one scrolls', async () => {
  const shape = [1_000_000, 10];
  const model = new TensorModel({ ...TENSOR, tile: null, summary: { ...TENSOR.summary, shape } });
  model.connect(kernel());
  for (let row = 0; row < 320_000; row += 320) {
    model.want([row, row + 10], [0, 4]);
  }
  await vi.advanceTimersByTimeAsync(10);
  expect((model as unknown as { blocks: Map<string, unknown> }).blocks.size).toBe(256);
});

test('an answer that does not fit is not shown', async () => {
  const model = new TensorModel({ ...TENSOR, tile: null });
  model.connect(
    new FakeKernel({
      tile: () => ({
        content: { lead: [0], rows: [0, 3], columns: [0, 4], type: 'float32' },
        buffers: [new ArrayBuffer(3)]
      })
    })
  );
  model.want([0, 3], [0, 4]);
  await vi.advanceTimersByTimeAsync(10);
  expect(model.value(0, 0)).toBeNull();
});

test('the visible tile copies as NumPy and as CSV', () => {
  const model = new TensorModel(TENSOR);
  expect(model.asNumPy([0, 2], [1, 3])).toBe(
    'np.array([[-2.5, 2],\n          [5, np.nan]], dtype="float32")'
  );
  expect(model.asCsv([0, 2], [1, 3])).toBe('-2.5,2\n5,nan');
  const words = new TensorModel(sample('tensor_of_strings'));
  expect(words.asNumPy([0, 2], [0, 1])).toContain('["<b>bold</b>"]');
});

test('without a kernel nothing is promised', async () => {
  const model = new TensorModel(TENSOR);
  await expect(model.contribution(0, 0)).rejects.toThrow('gone');
});

test('numbers in words and in full', () => {
  expect([1 / 3, 1e-9, 123456.789, Number.NaN, -1 / 0, 7, 2n ** 60n].map(v => inWords(v))).toEqual([
    '0.33333',
    '1.000e-9',
    '123460',
    'NaN',
    '-Inf',
    '7',
    '1152921504606846976'
  ]);
  expect([inFull(Math.fround(0.1), 'float32'), inFull(1 / 0, 'float64'), inFull(1, 'bool')]).toEqual([
    '0.100000001',
    'inf',
    'True'
  ]);
});
