import { describe, expect, test } from 'vitest';
import { isContribution } from '../../../labextension/src/contract/contribution';
import { isTensor, problemIn, type Tensor } from '../../../labextension/src/contract/tensor';
import { sample } from '../samples';

const TENSOR = sample<Tensor>('tensor');

describe('what is accepted', () => {
  test('the tensors that Python writes', () => {
    expect(problemIn(TENSOR)).toBeNull();
    expect(problemIn(sample('tensor_of_strings'))).toBeNull();
    expect(isContribution(sample('contribution'))).toBe(true);
  });

  test('a tensor without elements', () => {
    expect(isTensor({ ...TENSOR, tile: null, histogram: null, pictures: [] })).toBe(true);
  });
});

describe('what is refused, and why', () => {
  test.each([undefined, null, 7, [TENSOR], { ...TENSOR, kind: 'graph' }])('%#', data => {
    expect(problemIn(data)).toBe('This is not a minitf tensor.');
  });

  test('another version, by its number', () => {
    expect(problemIn({ ...TENSOR, version: 9 })).toContain('format version 9');
  });

  test.each([
    ['summary', { summary: { ...TENSOR.summary, shape: ['2'] } }],
    ['summary', { line: undefined }],
    ['summary', { summary: { ...TENSOR.summary, mean: 'x' } }],
    ['histogram', { histogram: { low: 0 } }],
    ['tile', { tile: { ...TENSOR.tile, rows: [0] } }],
    ['picture', { pictures: [{ ...TENSOR.pictures[0], width: 1e9 }] }],
    ['picture', { pictures: [{ ...TENSOR.pictures[0], channels: 2 }] }],
    ['text', { text: 7 }]
  ])('a malformed %s', (word, change) => {
    expect(problemIn({ ...TENSOR, ...change })).toContain(word);
  });

  test('a contribution without its maps', () => {
    const found = sample<{ inputs: object[] }>('contribution');
    expect(isContribution({ ...found, inputs: [{ ...found.inputs[0], map: null }] })).toBe(false);
  });
});
