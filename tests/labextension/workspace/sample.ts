import type { Workspace, WorkspaceVariable } from '../../../labextension/src/contract/workspace';

export function variable(changes: Partial<WorkspaceVariable> = {}): WorkspaceVariable {
  return {
    name: 'dense/kernel',
    shape: '3 × 2',
    dtype: 'float32',
    trainable: true,
    parameters: 6,
    bytes: 24,
    state: 'ready',
    summary: '-1 … 1, mean 0',
    lost: 0,
    ...changes
  };
}

export function workspace(variables: WorkspaceVariable[] = [variable()]): Workspace {
  return { version: 1, kind: 'workspace', operations: 12, session: 'sess', variables, omitted: 0 };
}
