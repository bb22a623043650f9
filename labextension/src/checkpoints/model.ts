/** What a table of named tensors shows, worked out without a page: the scope tree, totals, search, openings. */

import type { Channel } from '../contract/channel';
import { type Checkpoint, type Row, rowsIn } from '../contract/checkpoint';
import { say } from '../elements/words';

/** A name scope with all that is below it, or a tensor (then `row` is there). */
export interface Item {
  path: string;
  label: string;
  depth: number;
  /** Undefined for a scope. */
  row: Row | undefined;
  isOpen: boolean;
  tensors: number;
  elements: number;
  bytes: number;
  /** How many tensors below have each status. */
  counts: Map<string, number>;
}

interface Scope {
  path: string;
  scopes: Map<string, Scope>;
  rows: Row[];
}

export const MOST_ITEMS = 400;
const FEW = 12; // tensors that are shown without being asked for

export class CheckpointModel {
  rows: Row[];
  readonly open = new Set<string>();
  query = '';
  /** Only rows of this status; `''` for all. */
  status = '';

  constructor(readonly checkpoint: Checkpoint) {
    this.rows = checkpoint.rows;
    if (this.rows.length <= FEW || checkpoint.mode === 'rehearsal') {
      this.openAll();
    }
  }

  connect(channel: Channel | null): void {
    this.channel = channel;
    if (channel !== null && this.rows.length < this.checkpoint.rows.length + this.checkpoint.omitted) {
      this.ask('rows', { start: this.rows.length }, rows => {
        this.rows = [...this.rows, ...rows];
      }).catch(() => {});
    }
    this.tell();
  }

  get isLive(): boolean {
    return this.channel !== null;
  }

  onChange(heard: () => void): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  /** What is in view, from the top: scopes, and what is in those that are open or hold what is sought. */
  get items(): Item[] {
    const found: Item[] = [];
    const rows = this.rows.filter(row => this.isSought(row));
    this.list(tree(rows), 0, found);
    return found;
  }

  get counts(): Map<string, number> {
    return countsOf(this.rows);
  }

  toggle(path: string, isOpen = !this.open.has(path)): void {
    if (isOpen) {
      this.open.add(path);
    } else {
      this.open.delete(path);
    }
    this.tell();
  }

  openAll(): void {
    for (const { name } of this.rows) {
      const parts = name.split('/');
      for (let i = 1; i < parts.length; i += 1) {
        this.open.add(parts.slice(0, i).join('/'));
      }
    }
    this.tell();
  }

  search(query: string): void {
    this.query = query;
    this.tell();
  }

  only(status: string): void {
    this.status = status === this.status ? '' : status;
    this.tell();
  }

  /** The description of one tensor, for the view of tensors; `place` among the checkpoints of the folder. */
  async tensor(name: string, place = -1): Promise<unknown> {
    return (await this.channelOrReason().ask('tensor', { name, place })).content;
  }

  /** Reads all tensors for what is wrong with them. */
  checkHealth(): Promise<void> {
    return this.ask('health', {}, rows => {
      this.rows = rows;
    });
  }

  /** In a rehearsal: the variable `name` shall take the tensor `source`. */
  map(name: string, source: string): Promise<void> {
    return this.ask('map', { name, source }, rows => {
      this.rows = rows;
    });
  }

  /** Returns what the kernel says of it. */
  async restore(): Promise<string> {
    const { content } = await this.channelOrReason().ask('restore');
    return typeof content.said === 'string' ? content.said : '';
  }

  private async ask(
    question: string,
    details: Record<string, unknown>,
    take: (rows: Row[]) => void
  ): Promise<void> {
    const { content } = await this.channelOrReason().ask(question, details);
    const rows = rowsIn(content);
    if (rows !== null) {
      take(rows);
      this.tell();
    }
  }

  private channelOrReason(): Channel {
    if (this.channel === null) {
      throw new Error(say('The kernel that can read the values is gone; run the cell again.'));
    }
    return this.channel;
  }

  private isSought(row: Row): boolean {
    if (this.status !== '' && row.status !== this.status) {
      return false;
    }
    const text = `${row.name} ${row.shape} ${row.dtype} ${row.role} ${row.status} ${row.note}`.toLowerCase();
    return this.query
      .toLowerCase()
      .split(/\s+/)
      .every(word => text.includes(word));
  }

  private list(scope: Scope, depth: number, found: Item[]): void {
    const seeks = this.query !== '' || this.status !== '';
    for (const inner of scope.scopes.values()) {
      const item = scopeItem(inner, depth, seeks || this.open.has(inner.path));
      found.push(item);
      if (item.isOpen) {
        this.list(inner, depth + 1, found);
      }
    }
    for (const row of scope.rows) {
      found.push(tensorItem(row, depth));
    }
  }

  private tell(): void {
    for (const heard of [...this.listeners]) {
      heard();
    }
  }

  private readonly listeners = new Set<() => void>();
  private channel: Channel | null = null;
}

function tree(rows: Row[]): Scope {
  const root: Scope = { path: '', scopes: new Map(), rows: [] };
  for (const row of rows) {
    let scope = root;
    for (const part of row.name.split('/').slice(0, -1)) {
      const path = scope.path === '' ? part : `${scope.path}/${part}`;
      const inner = scope.scopes.get(part) ?? { path, scopes: new Map(), rows: [] };
      scope.scopes.set(part, inner);
      scope = inner;
    }
    scope.rows.push(row);
  }
  return root;
}

function scopeItem(scope: Scope, depth: number, isOpen: boolean): Item {
  const rows = below(scope);
  return {
    path: scope.path,
    label: `${scope.path.slice(scope.path.lastIndexOf('/') + 1)}/`,
    depth,
    row: undefined,
    isOpen,
    tensors: rows.length,
    elements: rows.reduce((sum, row) => sum + row.elements, 0),
    bytes: rows.reduce((sum, row) => sum + row.bytes, 0),
    counts: countsOf(rows)
  };
}

function tensorItem(row: Row, depth: number): Item {
  const label = row.name.slice(row.name.lastIndexOf('/') + 1);
  const { name, elements, bytes } = row;
  return {
    path: name,
    label,
    depth,
    row,
    isOpen: false,
    tensors: 1,
    elements,
    bytes,
    counts: countsOf([row])
  };
}

function below(scope: Scope): Row[] {
  return [...scope.rows, ...[...scope.scopes.values()].flatMap(below)];
}

function countsOf(rows: Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { status } of rows) {
    if (status !== '') {
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  }
  return counts;
}

export function bytesInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  while (size >= 1000 && units.length > 1) {
    size /= 1000;
    units.shift();
  }
  return `${Number(size.toPrecision(3))} ${units[0]}`;
}
