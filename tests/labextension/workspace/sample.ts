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
  return {
    version: 2,
    kind: 'workspace',
    operations: 12,
    session: 'sess',
    variables,
    omitted: 0,
    scopes: [{ name: 'dense', operations: 7 }],
    newest: [{ name: 'dense/BiasAdd', type: 'BiasAdd', origin: 'cell [2], line 3' }],
    curves: [{ name: 'loss', step: 20, last: '0.5', steps: [0, 10, 20], values: [1, null, 0.5] }],
    progress: '20 of 100 steps'
  };
}
