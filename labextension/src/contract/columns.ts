/**
 * The operations of a graph, as `minitf/observe/columns.py` packs them: a column of small numbers for each
 * field, every text once. Inputs are distances backwards, so that equal parts of a network look equal.
 */
import { isListOf, isNumber, isRecord, isString } from './guards';

export type Role = 'forward' | 'backward' | 'update' | 'auxiliary';
export const ROLES: Role[] = ['forward', 'backward', 'update', 'auxiliary'];

/** One output of an operation, as another one takes it. */
export interface Source {
  /** Number of the operation. */
  node: number;
  /** Which of its outputs. */
  output: number;
}

export interface GraphNode {
  /** Its number: the place in the order of making. */
  id: number;
  /** Full name, unique in its graph: `dense/MatMul`. */
  name: string;
  /** Name scope that holds it, `''` at the top: `dense`. */
  scope: string;
  /** Operation type: `MatMul`. */
  op: string;
  /** Where it runs, `''` where nobody asked for a device. */
  device: string;
  /** Who made it: `cell [4], line 2`, or a file and a line; and the cell alone, 0 for none. */
  origin: string;
  cell: number;
  /** What it is there for. */
  role: Role;
  /** `transpose_a=True`. */
  attrs: string[];
  /** Dtype and shape of what it gives: `float32 (?, 10)`. */
  outputs: string[];
  inputs: Source[];
  /** Operations it only waits for. */
  controls: number[];
  /** The operation it differentiates, or the variable it updates; -1: none. */
  partner: number;
}

/** What may be unpacked at most: a graph of some 300,000 operations. */
const MOST_CHARACTERS = 64_000_000;

const TEXTS = ['label', 'op', 'device', 'origin'] as const;
const NUMBERS = ['scope', 'cell', 'role', 'partner'] as const;
const LISTS = ['attrs', 'outputs', 'inputs', 'controls'] as const;

type Table = Record<(typeof TEXTS | typeof NUMBERS)[number], number[]> &
  Record<(typeof LISTS)[number], number[][]> & { strings: string[]; scopes: [number, string][] };

/** The operations in `table` (see `Graph.table`). Throws an Error that says what is wrong with it. */
export async function unpack(table: unknown): Promise<GraphNode[]> {
  return nodesOf(isString(table) ? JSON.parse(await inflate(table)) : table);
}

/** The same for a table that is not compressed: at once. */
export function nodesOf(table: unknown): GraphNode[] {
  if (!isTable(table)) {
    throw new Error('This minitf graph has a malformed table of operations.');
  }
  const paths = scopePaths(table.scopes);
  const producers = producersOf(table.outputs);
  const count = table.op.length;
  const nodes: GraphNode[] = [];
  let firstTensor = 0;
  for (let id = 0; id < count; id++) {
    nodes.push(nodeAt(table, id, paths, producers, firstTensor));
    firstTensor += at(table.outputs, id).length;
  }
  return nodes;
}

function nodeAt(table: Table, id: number, paths: string[], producers: Source[], first: number): GraphNode {
  const text = (column: (typeof TEXTS)[number]) => at(table.strings, at(table[column], id));
  const texts = (column: 'attrs' | 'outputs') => at(table[column], id).map(n => at(table.strings, n));
  const scope = at(paths, at(table.scope, id));
  const label = text('label');
  const partner = at(table.partner, id);
  return {
    id,
    name: scope === '' ? label : `${scope}/${label}`,
    scope,
    op: text('op'),
    device: text('device'),
    origin: text('origin'),
    cell: at(table.cell, id),
    role: at(ROLES, at(table.role, id)),
    attrs: texts('attrs'),
    outputs: texts('outputs'),
    inputs: at(table.inputs, id).map(distance => at(producers, first - distance)),
    controls: at(table.controls, id).map(distance => inRange(id - distance, table.op.length)),
    partner: partner === 0 ? -1 : inRange(id - partner, table.op.length)
  };
}

function scopePaths(scopes: [number, string][]): string[] {
  const paths = [''];
  for (const [outer, label] of scopes) {
    const path = at(paths, outer);
    paths.push(path === '' ? label : `${path}/${label}`);
  }
  return paths;
}

/** Who makes each tensor, when all outputs are numbered in order. */
function producersOf(outputs: number[][]): Source[] {
  const producers: Source[] = [];
  outputs.forEach((list, node) => {
    for (let output = 0; output < list.length; output++) {
      producers.push({ node, output });
    }
  });
  return producers;
}

function at<T>(list: readonly T[], place: number): T {
  const item = list[place];
  if (item === undefined) {
    throw new Error('This minitf graph refers to something that it does not hold.');
  }
  return item;
}

function inRange(id: number, count: number): number {
  if (!(id >= 0 && id < count)) {
    throw new Error('This minitf graph refers to an operation that it does not hold.');
  }
  return id;
}

async function inflate(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
  const stream = new DecompressionStream('deflate');
  const writer = stream.writable.getWriter();
  writer.write(bytes).catch(() => {}); // the reader below fails with the same reason
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    if (text.length > MOST_CHARACTERS) {
      await reader.cancel();
      throw new Error('This minitf graph is too large to be shown.');
    }
  }
  return text + decoder.decode();
}

function isTable(data: unknown): data is Table {
  if (!isRecord(data) || !isListOf(data.strings, isString) || !isListOf(data.scopes, isScope)) {
    return false;
  }
  const count = Array.isArray(data.op) ? data.op.length : -1;
  const has = (column: unknown) => Array.isArray(column) && column.length === count;
  return (
    [...TEXTS, ...NUMBERS].every(name => has(data[name]) && isListOf(data[name], isNumber)) &&
    LISTS.every(name => has(data[name]) && isListOf(data[name], isListOfNumbers))
  );
}

function isScope(data: unknown): data is [number, string] {
  return Array.isArray(data) && data.length === 2 && isNumber(data[0]) && isString(data[1]);
}

function isListOfNumbers(data: unknown): data is number[] {
  return isListOf(data, isNumber);
}
