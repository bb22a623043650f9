/** A small graph as the kernel would send it. */
import type { Graph } from '../../labextension/src/contract/graph';

export const SAMPLE: Graph = {
  version: 1,
  kind: 'graph',
  nodes: [
    { name: 'x', op: 'Placeholder', device: '', inputs: [], scope: '' },
    { name: 'dense/kernel', op: 'VariableV2', device: '', inputs: [], scope: 'dense' },
    { name: 'dense/MatMul', op: 'MatMul', device: '', inputs: ['x:0', 'dense/kernel:0'], scope: 'dense' },
    { name: 'loss/Sum', op: 'Sum', device: '', inputs: ['dense/MatMul:0'], scope: 'loss' },
    { name: 'init', op: 'NoOp', device: '', inputs: ['^dense/kernel'], scope: '' }
  ],
  svg:
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' +
    '<svg width="80pt" height="40pt" viewBox="0 0 80 40" xmlns="http://www.w3.org/2000/svg">' +
    '<g id="graph0" class="graph"><title>G</title><g class="node"><title>x</title>' +
    '<ellipse fill="none" stroke="black" cx="20" cy="20" rx="18" ry="10"/>' +
    '<text text-anchor="middle" x="20" y="23">x</text></g></g></svg>',
  text: 'x = Placeholder()\ndense/MatMul = MatMul(x:0, dense/kernel:0)'
};
