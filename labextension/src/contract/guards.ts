/** Small questions that every guard of this folder asks. */

export function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

export function isListOf<T>(data: unknown, isOne: (item: unknown) => item is T): data is T[] {
  return Array.isArray(data) && data.every(isOne);
}

export const isString = (data: unknown): data is string => typeof data === 'string';
export const isBoolean = (data: unknown): data is boolean => typeof data === 'boolean';
/** A finite number: JSON has no others. */
export const isNumber = (data: unknown): data is number => typeof data === 'number' && Number.isFinite(data);
export const isCount = (data: unknown): data is number => Number.isSafeInteger(data) && (data as number) >= 0;
export const isNumberOrNull = (data: unknown): data is number | null => data === null || isNumber(data);

export function isPair(data: unknown): data is [number, number] {
  return isListOf(data, isCount) && data.length === 2;
}

/** What the guards of all views begin with: the kind and the version; null where both are right. */
export function problemInHead(data: unknown, kind: string, version: number): string | null {
  if (!isRecord(data) || data.kind !== kind) {
    return `This is not a minitf ${kind}.`;
  }
  if (data.version !== version) {
    return `This ${kind} has format version ${data.version}; the installed minitf extension reads version ${version}.`;
  }
  return isString(data.text) && isString(data.widget) ? null : `This minitf ${kind} lacks its text.`;
}
