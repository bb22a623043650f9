/**
 * What a notebook's program has made so far, as `minitf/observe/workspace.py` writes it. The two files are
 * the two sides of one contract: whoever changes a field changes both and raises the version.
 */

import { isCount, isListOf, isNumber, isNumberOrNull, isRecord, isString } from './guards';

export const WORKSPACE_MIME = 'application/vnd.minitf.workspace+json';
export const WORKSPACE_VERSION = 2;

/** `none`: there is no session; `large`: too large to be looked at each time. */
export type ValueState = 'none' | 'uninitialized' | 'ready' | 'large';

export interface WorkspaceVariable {
  /** Full name: `dense/kernel`. */
  name: string;
  /** `784 × 256`, `scalar`, or `?` where the rank is not known. */
  shape: string;
  dtype: string;
  /** True where optimizers change it. */
  trainable: boolean;
  /** Number of elements; null where the shape is not fully known. */
  parameters: number | null;
  bytes: number | null;
  state: ValueState;
  /** Of a ready value: `-0.31 … 0.29, mean 0.002`. */
  summary: string;
  /** How many elements are NaN or infinite. */
  lost: number;
}

/** An operation or a name scope, by which a graph finds it. */
export interface WorkspaceScope {
  name: string;
  operations: number;
}

export interface WorkspaceOperation {
  name: string;
  type: string;
  /** `cell [3], line 2` */
  origin: string;
}

/** A curve of the newest training, with as many points as a small picture needs. */
export interface WorkspaceCurve {
  /** `loss (fast)` */
  name: string;
  step: number;
  /** The last value, in words. */
  last: string;
  steps: number[];
  /** Null where a value is not finite. */
  values: (number | null)[];
}

export interface Workspace {
  version: typeof WORKSPACE_VERSION;
  kind: 'workspace';
  /** Operations of the default graph. */
  operations: number;
  /** What the session is called in the program; `''` where there is none. */
  session: string;
  variables: WorkspaceVariable[];
  /** How many variables are left out. */
  omitted: number;
  /** Name scopes at the top of the graph. */
  scopes: WorkspaceScope[];
  /** The operations that were made last, the newest first. */
  newest: WorkspaceOperation[];
  curves: WorkspaceCurve[];
  /** How far the newest training is: `120 of 1,000 steps`; `''` where nothing tells. */
  progress: string;
}

const STATES = ['none', 'uninitialized', 'ready', 'large'];

/** Why `data` is not a workspace that this extension can read; null when it is one. */
export function problemIn(data: unknown): string | null {
  if (!isRecord(data) || data.kind !== 'workspace') {
    return 'This is not a minitf workspace.';
  }
  if (data.version !== WORKSPACE_VERSION) {
    return `This workspace has version ${data.version}; the installed minitf extension reads version ${WORKSPACE_VERSION}.`;
  }
  const plain = typeof data.operations === 'number' && typeof data.omitted === 'number';
  if (!plain || typeof data.session !== 'string') {
    return 'This minitf workspace lacks a count or its session.';
  }
  if (!Array.isArray(data.variables) || !data.variables.every(isVariable)) {
    return 'This minitf workspace has a malformed list of variables.';
  }
  if (!isListOf(data.scopes, isScope) || !isListOf(data.newest, isOperation)) {
    return 'This minitf workspace has malformed scopes or operations.';
  }
  if (!isListOf(data.curves, isCurve) || !isString(data.progress)) {
    return 'This minitf workspace has a malformed curve or progress.';
  }
  return null;
}

export function isWorkspace(data: unknown): data is Workspace {
  return problemIn(data) === null;
}

function isScope(data: unknown): data is WorkspaceScope {
  return isRecord(data) && isString(data.name) && isCount(data.operations);
}

function isOperation(data: unknown): data is WorkspaceOperation {
  return isRecord(data) && [data.name, data.type, data.origin].every(isString);
}

function isCurve(data: unknown): data is WorkspaceCurve {
  return (
    isRecord(data) &&
    isString(data.name) &&
    isString(data.last) &&
    isNumber(data.step) &&
    isListOf(data.steps, isNumber) &&
    isListOf(data.values, isNumberOrNull) &&
    data.steps.length === data.values.length
  );
}

function isVariable(data: unknown): data is WorkspaceVariable {
  return (
    isRecord(data) &&
    [data.name, data.shape, data.dtype, data.summary].every(field => typeof field === 'string') &&
    [data.parameters, data.bytes].every(field => field === null || typeof field === 'number') &&
    typeof data.trainable === 'boolean' &&
    typeof data.lost === 'number' &&
    STATES.includes(data.state as string)
  );
}
