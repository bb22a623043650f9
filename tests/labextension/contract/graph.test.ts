import { describe, expect, test } from 'vitest';
import { isGraph, isNode, problemIn } from '../../../labextension/src/contract/graph';
import { SAMPLE } from '../sample';

describe('what is accepted', () => {
  test('the graph that the kernel sends', () => {
    expect(problemIn(SAMPLE)).toBeNull();
    expect(isGraph(JSON.parse(JSON.stringify(SAMPLE)))).toBe(true);
  });

  test('an empty graph without a drawing', () => {
    expect(isGraph({ ...SAMPLE, nodes: [], svg: '', text: '' })).toBe(true);
  });

  test('fields that a later minitf adds within the version', () => {
    expect(isGraph({ ...SAMPLE, colour: 'blue' })).toBe(true);
  });
});

describe('what is refused, and why', () => {
  test.each([undefined, null, 'graph', [SAMPLE], {}, { ...SAMPLE, kind: 'tensor' }])('%j', data => {
    expect(problemIn(data)).toBe('This is not a minitf graph.');
  });

  test('another version, by its number', () => {
    expect(problemIn({ ...SAMPLE, version: 2 })).toContain('format version 2');
  });

  test('no drawing', () => {
    expect(problemIn({ ...SAMPLE, svg: undefined })).toContain('drawing');
  });

  test('a node that lacks a field or has inputs that are not names', () => {
    const [node] = SAMPLE.nodes;
    expect(isNode(node)).toBe(true);
    expect(isNode({ ...node, scope: undefined })).toBe(false);
    expect(isNode({ ...node, inputs: [0] })).toBe(false);
    expect(isNode({ ...node, outputs: 'float32' })).toBe(false);
    expect(isNode({ ...node, stale: 'no' })).toBe(false);
    expect(problemIn({ ...SAMPLE, nodes: [{ name: 'x' }] })).toContain('list of nodes');
  });
});
