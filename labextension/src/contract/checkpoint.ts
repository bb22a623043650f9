/**
 * Tables of named tensors as `minitf/observe/describe_checkpoint.py` writes them: checkpoints, rehearsals,
 * differences, variables. The two files are the two sides of one contract: whoever changes a field changes
 * both and raises the version.
 */
import { isCount, isListOf, isRecord, isString, problemInHead } from './guards';

export const CHECKPOINT_MIME = 'application/vnd.minitf.checkpoint+json';
export const CHECKPOINT_VERSION = 1;

export interface Row {
  /** Full name: `dense/kernel/Adam`. */
  name: string;
  /** `(784, 10)` */
  shape: string;
  dtype: string;
  bytes: number;
  elements: number;
  /** `weight`, `bias`, `slot`, `step` or `state`. */
  role: string;
  /** What was found: `match`, `missing`, `changed`, `ill`, ...; `''` for nothing. */
  status: string;
  note: string;
  /** In a rehearsal: the tensor that will be restored into it, `''` for none. */
  source: string;
}

export interface Checkpoint {
  version: typeof CHECKPOINT_VERSION;
  kind: 'checkpoint';
  mode: 'browse' | 'rehearsal' | 'difference' | 'variables';
  title: string;
  /** The table in a few words. */
  line: string;
  rows: Row[];
  /** How many rows are left out, so that a notebook stays small. */
  omitted: number;
  /** How many rows have each status. */
  counts: Record<string, number>;
  /** In a rehearsal: names that `source` may be set to. */
  choices: string[];
  /** Checkpoints of the same folder, the newest last, through which a tensor can be followed. */
  history: string[];
  widget: string;
  text: string;
}

/** Why `data` is not a table that this extension can read; null when it is one. */
export function problemIn(data: unknown): string | null {
  const problem = problemInHead(data, 'checkpoint', CHECKPOINT_VERSION);
  if (problem !== null || !isRecord(data)) {
    return problem;
  }
  if (!isListOf(data.rows, isRow)) {
    return 'This minitf checkpoint has a malformed row.';
  }
  const rest =
    [data.mode, data.title, data.line].every(isString) &&
    isCount(data.omitted) &&
    isRecord(data.counts) &&
    Object.values(data.counts).every(isCount) &&
    isListOf(data.choices, isString) &&
    isListOf(data.history, isString);
  return rest ? null : 'This minitf checkpoint lacks its title, counts or choices.';
}

export function isCheckpoint(data: unknown): data is Checkpoint {
  return problemIn(data) === null;
}

export function isRow(data: unknown): data is Row {
  return (
    isRecord(data) &&
    [data.name, data.shape, data.dtype, data.role, data.status, data.note, data.source].every(isString) &&
    [data.bytes, data.elements].every(isCount)
  );
}

/** Rows that the kernel sends on a question. */
export function rowsIn(data: unknown): Row[] | null {
  return isRecord(data) && isListOf(data.rows, isRow) ? data.rows : null;
}
