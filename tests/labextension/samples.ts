/** What Python wrote for these tests (see tests/observe/conftest.py), and where they write for Python. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, 'samples');

export function sample<T>(name: string): T {
  return JSON.parse(readFileSync(samplePath(name), 'utf-8')) as T;
}

export function samplePath(name: string): string {
  return resolve(FOLDER, `${name}.json`);
}
