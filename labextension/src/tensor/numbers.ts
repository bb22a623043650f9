/** Bytes from the kernel as numbers, and numbers as words. */
import type { Tile } from '../contract/tensor';

export type Elements = ArrayLike<number | bigint | string>;

const ARRAYS: Record<string, new (bytes: ArrayBuffer) => Elements> = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array
};

/** The elements of a tile; empty where its bytes do not fit what its head says. */
export function elementsOf(tile: Tile, bytes: ArrayBuffer): Elements {
  const wanted = (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0]);
  if (tile.type === 'text') {
    return tile.text?.length === wanted ? tile.text : [];
  }
  const kind = ARRAYS[tile.type];
  const size = (kind as { BYTES_PER_ELEMENT?: number } | undefined)?.BYTES_PER_ELEMENT;
  if (kind === undefined || size === undefined || bytes.byteLength !== wanted * size) {
    return [];
  }
  return new kind(bytes);
}

/** Five digits of a number, as a student would write them. */
export function inWords(value: number | bigint | string | null, dtype = ''): string {
  if (value === null) {
    return '';
  }
  if (dtype === 'bool') {
    return value ? 'True' : 'False';
  }
  if (typeof value !== 'number' || Number.isInteger(value)) {
    return String(value);
  }
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : '-Inf';
  }
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(5))) : value.toExponential(3);
}

/** A number in full for copying: Python reads it back as the same number. */
export function inFull(value: number | bigint | string | null, dtype: string): string {
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  if (value === null || Number.isNaN(value)) {
    return 'nan';
  }
  if (dtype === 'bool') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'bigint' || Number.isFinite(value)) {
    return String(dtype === 'float32' ? Number(Number(value).toPrecision(9)) : value);
  }
  return value > 0 ? 'inf' : '-inf';
}
