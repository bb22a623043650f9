/**
 * The tree of name scopes as `minitf/observe/scopes.py` writes it. The two files are the two sides of one
 * contract: whoever changes a field changes both and raises the version.
 */
import { isCount, isListOf, isRecord, isString } from './guards';

export const SCOPES_MIME = 'application/vnd.minitf.scopes+json';
export const SCOPES_VERSION = 1;

/** A name scope or a variable, with all that is inside. */
export interface ScopeRow {
  /** `''` is the whole graph. */
  path: string;
  /** Of a variable: `784×256` and `float32`; `''` for a scope, and the shape of a scalar. */
  shape: string;
  dtype: string;
  operations: number;
  variables: number;
  /** Elements of all variables, and of those that an optimizer changes. */
  parameters: number;
  trainable: number;
  bytes: number;
  /** Variables whose shape is not known, and which are not counted. */
  unknown: number;
}

export interface Scopes {
  version: typeof SCOPES_VERSION;
  kind: 'scopes';
  /** Each scope stands before what it holds; the first row is all that is shown. */
  rows: ScopeRow[];
  /** How many rows are left out. */
  omitted: number;
  text: string;
}

/** Why `data` is no tree of scopes that this extension can read; null when it is one. */
export function problemIn(data: unknown): string | null {
  if (!isRecord(data) || data.kind !== 'scopes') {
    return 'This is not a tree of minitf name scopes.';
  }
  if (data.version !== SCOPES_VERSION) {
    return `This tree has format version ${data.version}; the installed minitf extension reads version ${SCOPES_VERSION}.`;
  }
  const isWhole = isListOf(data.rows, isRow) && data.rows.length > 0;
  return isWhole && isCount(data.omitted) && isString(data.text)
    ? null
    : 'This tree of name scopes is malformed.';
}

export function isScopes(data: unknown): data is Scopes {
  return problemIn(data) === null;
}

function isRow(data: unknown): data is ScopeRow {
  return (
    isRecord(data) &&
    [data.path, data.shape, data.dtype].every(isString) &&
    [data.operations, data.variables, data.parameters, data.trainable, data.bytes, data.unknown].every(
      isCount
    )
  );
}
