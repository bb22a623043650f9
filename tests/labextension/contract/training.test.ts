import { describe, expect, test } from 'vitest';
import { isPoints, problemIn, type Training } from '../../../labextension/src/contract/training';
import { sample } from '../samples';

const TRAINING = sample<Training>('training');

describe('what is accepted', () => {
  test.each(['training', 'training_part', 'progress'])('%s, which Python writes', name => {
    expect(problemIn(sample(name))).toBeNull();
  });
});

describe('what is refused, and why', () => {
  test.each([
    ['not a minitf training', { kind: 'tensor' }],
    ['format version 2', { version: 2 }],
    ['malformed curve', { series: [{ ...TRAINING.series[0], steps: [1, 2] }] }],
    ['malformed caption', { captions: ['ln 10'] }],
    ['malformed caption, progress', { progress: { done: -1 } }],
    ['malformed caption, progress or setting', { smoothing: '0.5' }]
  ])('%s', (words, change) => {
    expect(problemIn({ ...TRAINING, ...change })).toContain(words);
  });

  test('points without their heads', () => {
    expect(isPoints({ series: [{ run: '', tag: 'x', from: 0 }], progress: null, captions: null })).toBe(true);
    expect(isPoints({ series: [{ run: '', tag: 'x' }], progress: null, captions: null })).toBe(false);
    expect(isPoints({ series: [], captions: null })).toBe(false);
  });
});
