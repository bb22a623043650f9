/** A small graph as the kernel would send it. */
import type { Graph, GraphNode } from '../../labextension/src/contract/graph';

function made(name: string, op: string, inputs: string[], outputs: string[], scope: string): GraphNode {
  return { name, op, device: '', inputs, outputs, scope, origin: 'cell [4], line 2', stale: false };
}

export const SAMPLE: Graph = {
  version: 1,
  kind: 'graph',
  nodes: [
    made('x', 'Placeholder', [], ['float32 (?, 10)'], ''),
    made('dense/kernel', 'VariableV2', [], ['float32 (?, 10)'], 'dense'),
    made('dense/MatMul', 'MatMul', ['x:0', 'dense/kernel:0'], ['float32 (?, 10)'], 'dense'),
    made('loss/Sum', 'Sum', ['dense/MatMul:0'], ['float32 (?, 10)'], 'loss'),
    made('init', 'NoOp', ['^dense/kernel'], [], '')
  ],
  omitted: 0,
  svg:
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' +
    '<svg width="80pt" height="40pt" viewBox="0 0 80 40" xmlns="http://www.w3.org/2000/svg">' +
    '<g id="graph0" class="graph"><title>G</title><g class="node"><title>x</title>' +
    '<ellipse fill="none" stroke="black" cx="20" cy="20" rx="18" ry="10"/>' +
    '<text text-anchor="middle" x="20" y="23">x</text></g></g></svg>',
  text: 'x = Placeholder()\ndense/MatMul = MatMul(x:0, dense/kernel:0)'
};
