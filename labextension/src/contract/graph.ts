/**
 * A graph as `minitf/observe/describe.py` writes it. The two files are the two sides of one contract:
 * whoever changes a field changes both and raises the version. The operations themselves are in `columns.ts`.
 */
import { ROLES, type Role } from './columns';
import { isBoolean, isListOf, isNumber, isRecord, isString } from './guards';

export const GRAPH_MIME = 'application/vnd.minitf.graph+json';
export const GRAPH_VERSION = 3;

export interface Graph {
  version: typeof GRAPH_VERSION;
  kind: 'graph';
  /** The same for the same display of a cell that runs again: what stood open is remembered under it. */
  key: string;
  /** How many operations the graph has; the table may hold fewer, so that a notebook stays small. */
  count: number;
  /** Only the inside of this name scope is shown; `''` shows all. */
  scope: string;
  /** How many levels of scopes stand open at first; null: what fits. */
  depth: number | null;
  /** Sentences for the caption: `replaced 3 nodes of this cell's earlier run`. */
  notes: string[];
  /** Name scopes that stand aside until the reader brings them back. */
  aside: string[];
  /** The operations: a `Table`, or its JSON deflated (zlib) in base64. */
  table: unknown;
  /** Numbers of operations whose cell ran again later. */
  stale: number[];
  /** Which operations a run will execute; null where nobody asked. */
  run: RunSlice | null;
  /** [number of the operation, microseconds, bytes] of a traced run; null where there is none. */
  costs: [number, number, number][] | null;
  /** [number of the operation, what changed] since the earlier run of its cell. */
  changes: [number, string][];
  /** Drawing made in the kernel, `''` where none could be made; for viewers without this extension. */
  svg: string;
  /** The same graph in plain text, for screen readers and as the fallback. */
  text: string;
}

export interface RunSlice {
  /** Names of what is fetched and of what is fed. */
  fetches: string[];
  feeds: string[];
  /** For each operation: 0 runs, 1 not an ancestor, 2 cut by feed, 3 folded. */
  why: number[];
}

/** What a reader did to the picture; the notebook keeps it in the metadata of the output, under our MIME type. */
export interface Kept {
  /** Ids of the name scopes that stand open, and of boxes that were brought back from the side. */
  open: string[];
  broughtBack: string[];
  layers: Record<Role, boolean>;
  colourBy: string;
  /** null: whatever fits the frame better. */
  direction: 'down' | 'right' | null;
  hidesStale: boolean;
  /** Id of the chosen box, `''` for none. */
  selected: string;
}

export function isKept(data: unknown): data is Kept {
  return (
    isRecord(data) &&
    [data.open, data.broughtBack].every(list => isListOf(list, isString)) &&
    isRecord(data.layers) &&
    ROLES.every(role => isBoolean((data.layers as Record<string, unknown>)[role])) &&
    isString(data.colourBy) &&
    [null, 'down', 'right'].includes(data.direction as string | null) &&
    isBoolean(data.hidesStale) &&
    isString(data.selected)
  );
}

/** Why `data` is not a graph that this extension can read; null when it is one. */
export function problemIn(data: unknown): string | null {
  if (!isRecord(data) || data.kind !== 'graph') {
    return 'This is not a minitf graph.';
  }
  if (data.version !== GRAPH_VERSION) {
    return `This graph has format version ${data.version}; the installed minitf extension reads version ${GRAPH_VERSION}.`;
  }
  if (![data.key, data.scope, data.svg, data.text].every(isString) || !isNumber(data.count)) {
    return 'This minitf graph lacks its drawing, its text or a count.';
  }
  if (
    !isListOf(data.notes, isString) ||
    !isListOf(data.aside, isString) ||
    !(data.depth === null || isNumber(data.depth))
  ) {
    return 'This minitf graph has malformed notes, depth or scopes aside.';
  }
  if (!isListOf(data.stale, isNumber) || !(data.run === null || isRun(data.run))) {
    return 'This minitf graph has a malformed run or list of stale operations.';
  }
  if (!(data.costs === null || isListOf(data.costs, isCost)) || !isListOf(data.changes, isChange)) {
    return 'This minitf graph has malformed costs or changes.';
  }
  return null;
}

export function isGraph(data: unknown): data is Graph {
  return problemIn(data) === null;
}

function isRun(data: unknown): data is RunSlice {
  return (
    isRecord(data) &&
    isListOf(data.fetches, isString) &&
    isListOf(data.feeds, isString) &&
    isListOf(data.why, isNumber)
  );
}

function isCost(data: unknown): data is [number, number, number] {
  return isListOf(data, isNumber) && data.length === 3;
}

function isChange(data: unknown): data is [number, string] {
  return Array.isArray(data) && data.length === 2 && isNumber(data[0]) && isString(data[1]);
}
