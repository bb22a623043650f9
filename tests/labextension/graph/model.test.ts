import { expect, test } from 'vitest';
import { GraphModel, operationOf } from '../../../labextension/src/graph/model';
import { SAMPLE } from '../sample';

const model = new GraphModel(SAMPLE);

test('an operation is found by its name', () => {
  expect(model.node('dense/MatMul')?.op).toBe('MatMul');
  expect(model.node('dense')).toBeUndefined();
});

test('consumers read a tensor of an operation or wait for it', () => {
  expect(model.consumersOf('dense/kernel').map(node => node.name)).toEqual(['dense/MatMul', 'init']);
  expect(model.consumersOf('loss/Sum')).toEqual([]);
});

test('the operation behind an input', () => {
  expect(['a/b:1', 'a/b', '^a/b'].map(operationOf)).toEqual(['a/b', 'a/b', 'a/b']);
});

test('scopes are counted', () => {
  expect(Object.fromEntries(model.scopeSizes())).toEqual({ '': 2, dense: 2, loss: 1 });
});

test('the summary speaks English', () => {
  const first = SAMPLE.nodes.slice(0, 1);
  expect(model.summary).toBe('5 operations in 2 name scopes');
  expect(new GraphModel({ ...SAMPLE, nodes: first }).summary).toBe('1 operation');
  expect(new GraphModel({ ...SAMPLE, nodes: [] }).summary).toBe('0 operations');
});

test('the summary counts what was left out, and what a later run of a cell replaced', () => {
  expect(new GraphModel({ ...SAMPLE, omitted: 95 }).summary).toBe('100 operations');
  const nodes = SAMPLE.nodes.map((node, place) => ({ ...node, stale: place === 0 }));
  expect(new GraphModel({ ...SAMPLE, nodes }).summary).toBe(
    '5 operations in 2 name scopes, 1 of them from an earlier run of a cell'
  );
});

test('a box is explained', () => {
  expect(model.details('dense/MatMul')).toBe(
    'dense/MatMul = MatMul(x:0, dense/kernel:0) → float32 (?, 10), made in cell [4], line 2'
  );
  expect(model.details('dense')).toBe('dense: a name scope of 2 operations');
  expect(new GraphModel({ ...SAMPLE, omitted: 1 }).details('dense')).toContain('at least 2 operations');
  expect(model.details('elsewhere')).toBe('elsewhere');
});

test('a graph without text lists its operations', () => {
  const text = new GraphModel({ ...SAMPLE, text: '' }).text.split('\n');
  expect(text[2]).toBe('dense/MatMul = MatMul(x:0, dense/kernel:0)');
});
