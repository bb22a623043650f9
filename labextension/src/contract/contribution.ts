/**
 * Which input elements made one element of a tensor, as `minitf/observe/contributions.py` answers. The two
 * files are the two sides of one contract.
 */
import { isBoolean, isCount, isListOf, isRecord, isString } from './guards';

export interface ContributingInput {
  name: string;
  shape: number[];
  /** The lit elements in words: `x[2, :]`. */
  where: string;
  /** How many elements are lit, and for how many of them the derivative is not zero now. */
  lit: number;
  moving: number;
  /** False where the search was given up: there may be more. */
  complete: boolean;
  /** One table of the input, as large as `rows` by `columns` (shrunk where the input is larger). */
  map: {
    /** Its place on the axes before rows and columns. */
    lead: number[];
    rows: number;
    columns: number;
    /** In base64, a byte an element: 0 dark, 1 lit, 2 lit and its derivative is not zero. */
    levels: string;
  };
  /** The first lit elements: `[2, 0]` and their values. */
  values: { index: string; value: string }[];
}

export interface Contribution {
  /** `scores:0[2, 3]` */
  output: string;
  value: string;
  /** Operation type, and who made it. */
  op: string;
  origin: string;
  inputs: ContributingInput[];
  /** True where the element has another value now than the one that is shown. */
  later: boolean;
  text: string;
}

export function isContribution(data: unknown): data is Contribution {
  return (
    isRecord(data) &&
    [data.output, data.value, data.op, data.origin, data.text].every(isString) &&
    isBoolean(data.later) &&
    isListOf(data.inputs, isContributingInput)
  );
}

export function isContributingInput(data: unknown): data is ContributingInput {
  return (
    isRecord(data) &&
    [data.name, data.where].every(isString) &&
    [data.lit, data.moving].every(isCount) &&
    isListOf(data.shape, isCount) &&
    isBoolean(data.complete) &&
    isRecord(data.map) &&
    isListOf(data.map.lead, isCount) &&
    [data.map.rows, data.map.columns].every(size => isCount(size) && size <= 512) &&
    isString(data.map.levels) &&
    isListOf(data.values, isNamedValue)
  );
}

function isNamedValue(data: unknown): data is { index: string; value: string } {
  return isRecord(data) && isString(data.index) && isString(data.value);
}
