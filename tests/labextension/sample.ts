/** Graphs as the kernel would send them: one that pytest wrote, and small ones made here. */
import { type GraphNode, nodesOf, type Role } from '../../labextension/src/contract/columns';
import type { Graph } from '../../labextension/src/contract/graph';
import { GraphModel } from '../../labextension/src/graph/model';
import network from './samples/network.json';

/** A network with its training, written by tests/labextension/test_samples.py. */
export const NETWORK: Graph = network as unknown as Graph;

export interface Some {
  name: string;
  op?: string;
  /** Names, with `:1` for a second output and `^` for what it waits for. */
  inputs?: string[];
  outputs?: string[];
  attrs?: string[];
  role?: Role;
  cell?: number;
  device?: string;
  partner?: string;
}

export const EMPTY: Graph = {
  version: 3,
  kind: 'graph',
  key: '',
  count: 0,
  scope: '',
  depth: null,
  notes: [],
  aside: [],
  table: {},
  stale: [],
  run: null,
  costs: null,
  changes: [],
  svg: '',
  text: 'an empty graph'
};

export function nodes(all: Some[]): GraphNode[] {
  const place = new Map(all.map(({ name }, id) => [name, id]));
  return all.map((some, id) => {
    const inputs = (some.inputs ?? []).filter(input => !input.startsWith('^'));
    return {
      id,
      name: some.name,
      scope: some.name.slice(0, Math.max(0, some.name.lastIndexOf('/'))),
      op: some.op ?? 'Neg',
      device: some.device ?? '',
      origin: some.cell === undefined ? 'program.py:3' : `cell [${some.cell}], line 2`,
      cell: some.cell ?? 0,
      role: some.role ?? 'forward',
      attrs: some.attrs ?? [],
      outputs: some.outputs ?? ['float32 (?, 10)'],
      inputs: inputs.map(input => {
        const [name, output] = input.split(':') as [string, string | undefined];
        return { node: place.get(name) ?? 0, output: Number(output ?? 0) };
      }),
      controls: (some.inputs ?? []).flatMap(input =>
        input.startsWith('^') ? [place.get(input.slice(1)) ?? 0] : []
      ),
      partner: some.partner === undefined ? -1 : (place.get(some.partner) ?? -1)
    };
  });
}

export function model(all: Some[], graph: Partial<Graph> = {}): GraphModel {
  return new GraphModel({ ...EMPTY, count: all.length, ...graph }, nodes(all));
}

export function networkModel(graph: Partial<Graph> = {}): GraphModel {
  return new GraphModel({ ...NETWORK, ...graph }, nodesOf(NETWORK.table));
}

/** x and a layer with its variable and bias constant; `init` waits for an assignment. */
export const LAYER: Some[] = [
  { name: 'x', op: 'Placeholder', cell: 4 },
  { name: 'dense/kernel', op: 'VariableV2', outputs: ['float32 (10, 10)'], cell: 4 },
  { name: 'dense/kernel/zeros', op: 'Const', outputs: ['float32 (10, 10)'], cell: 4 },
  { name: 'dense/kernel/Assign', op: 'Assign', inputs: ['dense/kernel', 'dense/kernel/zeros'], cell: 4 },
  {
    name: 'dense/MatMul',
    op: 'MatMul',
    inputs: ['x', 'dense/kernel'],
    attrs: ['transpose_a=False'],
    cell: 4
  },
  { name: 'dense/Relu', op: 'Relu', inputs: ['dense/MatMul'], cell: 5 },
  { name: 'loss', op: 'Sum', inputs: ['dense/Relu'], outputs: ['float32 ()'], cell: 5 },
  { name: 'init', op: 'NoOp', inputs: ['^dense/kernel/Assign'], outputs: [], role: 'auxiliary', cell: 5 }
];
