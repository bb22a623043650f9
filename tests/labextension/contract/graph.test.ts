import { expect, test } from 'vitest';
import { isGraph, problemIn } from '../../../labextension/src/contract/graph';
import { EMPTY, NETWORK } from '../sample';

test('what pytest wrote is a graph', () => {
  expect(problemIn(NETWORK)).toBeNull();
  expect(isGraph(EMPTY)).toBe(true);
});

test.each([null, 7, 'graph', [], { kind: 'tensor' }])('%j is not a graph', data => {
  expect(problemIn(data)).toBe('This is not a minitf graph.');
});

test('another version is named', () => {
  expect(problemIn({ ...NETWORK, version: 1 })).toContain(
    'format version 1; the installed minitf extension reads version 3'
  );
});

test.each([
  { key: 3 },
  { text: undefined },
  { count: '7' },
  { count: Number.NaN },
  { notes: [3] },
  { depth: 'deep' },
  { stale: ['x'] },
  { run: { fetches: [], feeds: [] } },
  { run: { fetches: [], feeds: [], why: ['0'] } },
  { costs: [[1, 2]] },
  { changes: [['x', 1]] }
])('a graph with %j is refused', wrong => {
  expect(isGraph({ ...NETWORK, ...wrong })).toBe(false);
});
