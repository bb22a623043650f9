import { expect, test } from 'vitest';
import { bytesInWords, CheckpointModel } from '../../../labextension/src/checkpoints/model';
import { type Checkpoint, problemIn, type Row } from '../../../labextension/src/contract/checkpoint';
import { FakeKernel, settled } from '../channel';
import { sample, samplePath } from '../samples';

const BROWSE = sample<Checkpoint>('checkpoint');
const REHEARSAL = sample<Checkpoint>('rehearsal');

function row(name: string, change: Partial<Row> = {}): Row {
  return { ...(BROWSE.rows[0] as Row), name, status: '', note: '', elements: 10, bytes: 40, ...change };
}

function many(): Checkpoint {
  const rows = Array.from({ length: 40 }, (_, i) => row(`net/layer_${i % 4}/part_${i}/kernel`));
  return { ...BROWSE, rows: [...rows, row('step', { status: 'ill' })] };
}

test('what Python writes is accepted, and what is malformed is not', () => {
  expect([problemIn(BROWSE), problemIn(REHEARSAL)]).toEqual([null, null]);
  expect(problemIn({ ...BROWSE, rows: [{ name: 'x' }] })).toContain('row');
  expect(problemIn({ ...BROWSE, counts: { ill: 'many' } })).toContain('counts');
  expect(problemIn({ ...BROWSE, version: 5 })).toContain('format version 5');
});

test('a large table begins closed, with totals rolled up the scope tree', () => {
  const model = new CheckpointModel(many());
  expect(model.items.map(item => [item.label, item.tensors, item.elements, item.bytes])).toEqual([
    ['net/', 40, 400, 1600],
    ['step', 1, 10, 40]
  ]);
  model.toggle('net');
  expect(model.items.filter(item => item.depth === 1).map(item => item.tensors)).toEqual([10, 10, 10, 10]);
  model.toggle('net');
  expect(model.items.length).toBe(2);
});

test('a small one begins open', () => {
  const model = new CheckpointModel(BROWSE);
  expect(model.items.map(item => item.path)).toEqual(['dense', 'dense/bias', 'dense/kernel', 'global_step']);
  expect(model.items[0]?.counts.get('ill')).toBe(1);
});

test('search opens what it finds: names, shapes, roles', () => {
  const model = new CheckpointModel(many());
  model.search('layer_2 PART_6');
  expect(model.items.filter(item => item.row).map(item => item.path)).toEqual(['net/layer_2/part_6/kernel']);
  model.search('');
  model.only('ill');
  expect(model.items.map(item => item.path)).toEqual(['step']);
  model.only('ill');
  expect(model.items.length).toBe(2);
});

test('Python answers what TypeScript asks', async () => {
  const kernel = new FakeKernel({
    tensor: () => ({ content: {} }),
    rows: () => ({ content: { rows: [row('late')] } }),
    health: () => ({ content: { rows: [row('a', { status: 'ill' })] } }),
    map: () => ({ content: { rows: [row('b')] } }),
    restore: () => ({ content: { said: 'done' } })
  });
  const model = new CheckpointModel({ ...BROWSE, omitted: 1 });
  model.connect(kernel);
  await settled();
  expect(model.rows.at(-1)?.name).toBe('late');
  await model.tensor('dense/kernel');
  await model.tensor('dense/kernel', 1);
  await model.checkHealth();
  expect(model.counts.get('ill')).toBe(1);
  await model.map('dense_1/kernel', 'dense/kernel');
  expect(await model.restore()).toBe('done');
  await expect(`${JSON.stringify(kernel.asked, null, 1)}\n`).toMatchFileSnapshot(
    samplePath('checkpoint_questions')
  );
});

test('without a kernel nothing is promised', async () => {
  await expect(new CheckpointModel(BROWSE).tensor('dense/kernel')).rejects.toThrow('run the cell again');
});

test('bytes in words', () => {
  expect([0, 999, 1234567, 4e9].map(bytesInWords)).toEqual(['0 B', '999 B', '1.23 MB', '4 GB']);
});
