/**
 * What a notebook's program has made so far, as `minitf/observe/workspace.py` writes it. The two files are
 * the two sides of one contract: whoever changes a field changes both and raises the version.
 */

import { isRecord } from './guards';

export const WORKSPACE_MIME = 'application/vnd.minitf.workspace+json';
export const WORKSPACE_VERSION = 1;

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
  return null;
}

export function isWorkspace(data: unknown): data is Workspace {
  return problemIn(data) === null;
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
