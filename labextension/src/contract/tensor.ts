/**
 * An array as `minitf/observe/describe_tensor.py` writes it. The two files are the two sides of one
 * contract: whoever changes a field changes both and raises the version.
 */
import {
  isCount,
  isListOf,
  isNumber,
  isNumberOrNull,
  isPair,
  isRecord,
  isString,
  problemInHead
} from './guards';

export const TENSOR_MIME = 'application/vnd.minitf.tensor+json';
export const TENSOR_VERSION = 1;

export interface Summary {
  shape: number[];
  dtype: string;
  bytes: number;
  /** All elements, and how many of them are NaN, infinite, zero. */
  count: number;
  nan: number;
  inf: number;
  zero: number;
  /** Of the finite elements; null where there are none or elements have no order. */
  min: number | null;
  max: number | null;
  mean: number | null;
  std: number | null;
}

export interface Histogram {
  /** The range that the bins divide evenly. */
  low: number;
  high: number;
  /** Together with `nan` and `inf` these are all elements. */
  counts: number[];
  nan: number;
  inf: number;
}

/** Elements of one table: the last two axes are rows and columns, `lead` is the place on those before. */
export interface Tile {
  lead: number[];
  rows: [number, number];
  columns: [number, number];
  /** Element type of the bytes (little-endian), or `text`. */
  type: string;
  /** The bytes in base64; in a live answer they come as a buffer instead. */
  data?: string;
  /** The elements in words, where `type` is `text`. */
  text?: string[];
}

export interface Picture {
  /** Its place on the axes before it. */
  index: number[];
  height: number;
  width: number;
  /** 1 (grey, or a level), 3 or 4. */
  channels: number;
  /** Of a table drawn as levels: what level 0 and level 254 stand for; 255 is NaN. */
  low?: number;
  high?: number;
  data?: string;
}

export interface Tensor {
  version: typeof TENSOR_VERSION;
  kind: 'tensor';
  name: string;
  summary: Summary;
  /** The summary in words. */
  line: string;
  /** How it is shown first. */
  view: 'table' | 'image' | 'audio' | 'text';
  histogram: Histogram | null;
  tile: Tile | null;
  pictures: Picture[];
  /** A WAV file in base64 (its beginning), `''` where there is none. */
  sound: string;
  /** Why it has its shape, in lines; `''` where no graph made it. */
  why: string;
  /** The ipywidgets model that answers questions, `''` where none does. */
  widget: string;
  text: string;
}

/** Why `data` is not a tensor that this extension can read; null when it is one. */
export function problemIn(data: unknown): string | null {
  const problem = problemInHead(data, 'tensor', TENSOR_VERSION);
  if (problem !== null || !isRecord(data)) {
    return problem;
  }
  if (![data.name, data.line, data.view, data.sound, data.why].every(isString) || !isSummary(data.summary)) {
    return 'This minitf tensor lacks its summary.';
  }
  if (data.histogram !== null && !isHistogram(data.histogram)) {
    return 'This minitf tensor has a malformed histogram.';
  }
  const drawn = isListOf(data.pictures, isPicture) && (data.tile === null || isTile(data.tile));
  return drawn ? null : 'This minitf tensor has a malformed tile or picture.';
}

export function isTensor(data: unknown): data is Tensor {
  return problemIn(data) === null;
}

export function isSummary(data: unknown): data is Summary {
  return (
    isRecord(data) &&
    isListOf(data.shape, isCount) &&
    isString(data.dtype) &&
    [data.bytes, data.count, data.nan, data.inf, data.zero].every(isCount) &&
    [data.min, data.max, data.mean, data.std].every(isNumberOrNull)
  );
}

export function isHistogram(data: unknown): data is Histogram {
  return (
    isRecord(data) &&
    [data.low, data.high].every(isNumber) &&
    isListOf(data.counts, isCount) &&
    [data.nan, data.inf].every(isCount)
  );
}

export function isTile(data: unknown): data is Tile {
  return (
    isRecord(data) &&
    isListOf(data.lead, isCount) &&
    isPair(data.rows) &&
    isPair(data.columns) &&
    isString(data.type) &&
    (data.text === undefined || isListOf(data.text, isString)) &&
    (data.data === undefined || isString(data.data))
  );
}

export function isPicture(data: unknown): data is Picture {
  return (
    isRecord(data) &&
    isListOf(data.index, isCount) &&
    [data.height, data.width].every(size => isCount(size) && size <= 4096) &&
    [1, 3, 4].includes(data.channels as number) &&
    (data.low === undefined || isNumber(data.low)) &&
    (data.high === undefined || isNumber(data.high)) &&
    (data.data === undefined || isString(data.data))
  );
}
