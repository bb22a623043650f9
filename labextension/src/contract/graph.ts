/**
 * A graph as `minitf/observe/describe.py` writes it. The two files are the two sides of one contract:
 * whoever changes a field changes both and raises the version.
 */

export const GRAPH_MIME = 'application/vnd.minitf.graph+json';
export const GRAPH_VERSION = 1;

export interface GraphNode {
  /** Full name, unique in its graph: `dense/MatMul`. */
  name: string;
  /** Operation type: `MatMul`. */
  op: string;
  /** Where it runs, `''` where nobody asked for a device. */
  device: string;
  /** Tensors it reads, `dense/kernel/read:0`; operations it only waits for, `^init`. */
  inputs: string[];
  /** Dtype and shape of what it gives: `float32 (?, 10)`. */
  outputs: string[];
  /** Name scope that holds it, `''` at the top: `dense`. */
  scope: string;
  /** Who made it: `cell [4], line 2`, or a file and a line. */
  origin: string;
  /** True where the cell that made it ran again later. */
  stale: boolean;
}

export interface Graph {
  version: typeof GRAPH_VERSION;
  kind: 'graph';
  /** In the order in which they were made. */
  nodes: GraphNode[];
  /** How many operations are left out of `nodes`, so that a notebook stays small. */
  omitted: number;
  /** Drawing made in the kernel, `''` where none could be made. Never trusted: see `graph/svg.ts`. */
  svg: string;
  /** The same graph in plain text, for screen readers and as the fallback. */
  text: string;
}

/** Why `data` is not a graph that this extension can read; null when it is one. */
export function problemIn(data: unknown): string | null {
  if (!isRecord(data) || data.kind !== 'graph') {
    return 'This is not a minitf graph.';
  }
  if (data.version !== GRAPH_VERSION) {
    return `This graph has format version ${data.version}; the installed minitf extension reads version ${GRAPH_VERSION}.`;
  }
  if (typeof data.svg !== 'string' || typeof data.text !== 'string' || typeof data.omitted !== 'number') {
    return 'This minitf graph lacks its drawing, its text or a count.';
  }
  if (!Array.isArray(data.nodes) || !data.nodes.every(isNode)) {
    return 'This minitf graph has a malformed list of nodes.';
  }
  return null;
}

export function isGraph(data: unknown): data is Graph {
  return problemIn(data) === null;
}

export function isNode(data: unknown): data is GraphNode {
  return (
    isRecord(data) &&
    [data.name, data.op, data.device, data.scope, data.origin].every(field => typeof field === 'string') &&
    typeof data.stale === 'boolean' &&
    [data.inputs, data.outputs].every(isListOfStrings)
  );
}

function isListOfStrings(data: unknown): data is string[] {
  return Array.isArray(data) && data.every(item => typeof item === 'string');
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}
