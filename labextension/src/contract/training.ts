/**
 * Training curves as `minitf/observe/describe_training.py` writes them, and what the kernel adds while a loop
 * runs. The two files are the two sides of one contract: whoever changes a field changes both and raises
 * the version.
 */
import {
  isBoolean,
  isCount,
  isListOf,
  isNumber,
  isNumberOrNull,
  isRecord,
  isString,
  problemInHead
} from './guards';

export const TRAINING_MIME = 'application/vnd.minitf.training+json';
export const TRAINING_VERSION = 1;

export interface Curve {
  /** `''` for the only run. */
  run: string;
  tag: string;
  /** How many points the curve has; the notebook may keep fewer. */
  count: number;
  /** Seconds since 1970 of the first point. */
  start: number;
  /** In base64: float64. */
  steps: string;
  /** In base64: float32 seconds after `start`. */
  walls: string;
  /** In base64: float32, NaN included. */
  values: string;
  /** In base64: float32 running means of all points at these steps; `''` where nothing was smoothed. */
  smooth: string;
}

export interface Caption {
  run: string;
  tag: string;
  step: number;
  text: string;
}

export interface Progress {
  done: number;
  total: number | null;
  /** Steps per second, lately. */
  rate: number;
  /** Seconds to go, null where nobody knows. */
  left: number | null;
  elapsed: number;
  over: boolean;
  label: string;
}

export interface Training {
  version: typeof TRAINING_VERSION;
  kind: 'training';
  title: string;
  series: Curve[];
  /** How many curves are left out. */
  omitted: number;
  captions: Caption[];
  progress: Progress | null;
  /** Weight of the past in the running mean, 0 to below 1. */
  smoothing: number;
  /** Whether the vertical axis is logarithmic. */
  log: boolean;
  widget: string;
  text: string;
}

/** Points that the kernel sends: for each head three buffers of float64, steps, walls, values. */
export interface Points {
  series: { run: string; tag: string; from: number }[];
  progress: Progress | null;
  /** Null where they have not been thought over. */
  captions: Caption[] | null;
}

/** What was recorded at a step. */
export interface Recorded {
  step: number;
  checkpoint: string;
  /** Each in the format of `contract/tensor.ts`. */
  tensors: unknown[];
}

/** Why `data` is not a training that this extension can read; null when it is one. */
export function problemIn(data: unknown): string | null {
  const problem = problemInHead(data, 'training', TRAINING_VERSION);
  if (problem !== null || !isRecord(data)) {
    return problem;
  }
  if (!isListOf(data.series, isCurve)) {
    return 'This minitf training has a malformed curve.';
  }
  const rest =
    isString(data.title) &&
    isCount(data.omitted) &&
    isNumber(data.smoothing) &&
    isBoolean(data.log) &&
    isListOf(data.captions, isCaption) &&
    (data.progress === null || isProgress(data.progress));
  return rest ? null : 'This minitf training has a malformed caption, progress or setting.';
}

export function isTraining(data: unknown): data is Training {
  return problemIn(data) === null;
}

export function isPoints(data: unknown): data is Points {
  return (
    isRecord(data) &&
    Array.isArray(data.series) &&
    data.series.every(
      head => isRecord(head) && isString(head.run) && isString(head.tag) && isCount(head.from)
    ) &&
    (data.progress === null || isProgress(data.progress)) &&
    (data.captions === null || isListOf(data.captions, isCaption))
  );
}

export function isRecorded(data: unknown): data is Recorded {
  return isRecord(data) && isNumber(data.step) && isString(data.checkpoint) && Array.isArray(data.tensors);
}

function isCurve(data: unknown): data is Curve {
  return (
    isRecord(data) &&
    [data.run, data.tag, data.steps, data.walls, data.values, data.smooth].every(isString) &&
    isCount(data.count) &&
    isNumber(data.start)
  );
}

function isCaption(data: unknown): data is Caption {
  return isRecord(data) && [data.run, data.tag, data.text].every(isString) && isNumber(data.step);
}

function isProgress(data: unknown): data is Progress {
  return (
    isRecord(data) &&
    isCount(data.done) &&
    [data.total, data.left].every(isNumberOrNull) &&
    [data.rate, data.elapsed].every(isNumber) &&
    isBoolean(data.over) &&
    isString(data.label)
  );
}
