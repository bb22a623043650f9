/**
 * What a tensor view shows, worked out without a page. The array stays in the kernel: the model holds
 * the tile that came with the display, asks for the blocks that come into view, and forgets old ones.
 */

import { aligned, type Channel } from '../contract/channel';
import { type Contribution, isContribution } from '../contract/contribution';
import { isPicture, isTile, type Picture, type Tensor, type Tile } from '../contract/tensor';
import { bytesOf } from '../elements/base64';
import { say } from '../elements/words';
import { type Elements, elementsOf, inFull } from './numbers';

export type Range = [number, number];
type Value = number | bigint | string;
interface Block {
  tile: Tile;
  elements: Elements;
}
export interface Bitmap extends Picture {
  bytes: Uint8Array;
}

const BLOCK_ROWS = 32;
const BLOCK_COLUMNS = 32;
const MOST_BLOCKS = 256;
const REST = 700; // milliseconds without a move, after which the notebook keeps the place

export class TensorModel {
  readonly rows: number;
  readonly columns: number;
  /** Sizes of the axes before rows and columns. */
  readonly outer: number[];
  lead: number[];
  start: [number, number];
  pictures: Bitmap[];

  constructor(readonly tensor: Tensor) {
    const { shape, dtype } = tensor.summary;
    const list = dtype === 'string' ? [...shape, 1] : [1, ...shape];
    const [rows = 1, columns = 1] = shape.length < 2 ? list.slice(-2) : shape.slice(-2);
    this.rows = rows;
    this.columns = columns;
    this.outer = shape.slice(0, -2);
    this.lead = tensor.tile?.lead ?? this.outer.map(() => 0);
    this.start = [tensor.tile?.rows[0] ?? 0, tensor.tile?.columns[0] ?? 0];
    this.pictures = tensor.pictures.map(picture => bitmap(picture, bytesOf(picture.data ?? '')));
    if (tensor.tile !== null) {
      this.saved = { tile: tensor.tile, elements: elementsOf(tensor.tile, bytesOf(tensor.tile.data ?? '')) };
    }
  }

  /** From now on (until null) the kernel answers. */
  connect(channel: Channel | null): void {
    this.channel = channel;
    this.pending.clear();
    this.tell();
  }

  get isLive(): boolean {
    return this.channel !== null;
  }

  onChange(heard: () => void): () => void {
    this.listeners.add(heard);
    return () => this.listeners.delete(heard);
  }

  /** Goes to another place on a leading axis. */
  setLead(axis: number, place: number): void {
    this.lead = this.lead.map((old, i) => (i === axis ? place : old));
    this.tell();
    this.askPictures();
    this.remember();
  }

  /** The element at a row and a column of the table in view; null where it is not here (yet). */
  value(row: number, column: number): Value | null {
    const block = this.blocks.get(this.key(row, column));
    return (block && within(block, row, column)) ?? this.fromSaved(row, column);
  }

  /** Asks for what is not here of these rows and columns. */
  want([top, bottom]: Range, [left, right]: Range): void {
    for (let row = top - (top % BLOCK_ROWS); row < Math.min(bottom, this.rows); row += BLOCK_ROWS) {
      for (
        let column = left - (left % BLOCK_COLUMNS);
        column < Math.min(right, this.columns);
        column += BLOCK_COLUMNS
      ) {
        this.askBlock(row, column);
      }
    }
  }

  /** The table was scrolled to this row and column. */
  moved(row: number, column: number): void {
    if (row !== this.start[0] || column !== this.start[1]) {
      this.start = [row, column];
      this.remember();
    }
  }

  /** Which input elements made the element at this row and column; rejects with the reason why not. */
  async contribution(row: number, column: number): Promise<Contribution> {
    if (this.channel === null) {
      throw new Error(say('The kernel that knows the graph is gone.'));
    }
    const { content } = await this.channel.ask('contribution', { index: this.index(row, column) });
    if (!isContribution(content)) {
      throw new Error(say('The kernel answered in a way that this extension does not know.'));
    }
    return content;
  }

  /** A place of the table as an index into the whole array. */
  index(row: number, column: number): number[] {
    const { shape, dtype } = this.tensor.summary;
    if (shape.length < 2) {
      return shape.length === 0 ? [] : [dtype === 'string' ? row : column];
    }
    return [...this.lead, row, column];
  }

  /** The whole sound as a WAV file; what was saved of it where no kernel answers. */
  async sound(): Promise<ArrayBuffer> {
    if (this.channel === null) {
      return bytesOf(this.tensor.sound);
    }
    const { buffers } = await this.channel.ask('sound');
    return buffers[0] === undefined ? new ArrayBuffer(0) : aligned(buffers[0]);
  }

  /** A tile as a line of Python that makes it. */
  asNumPy(rows: Range, columns: Range): string {
    const { dtype } = this.tensor.summary;
    const lines = this.lines(rows, columns).map(line => `[${line.map(forNumPy).join(', ')}]`);
    const kind = dtype === 'string' ? 'object' : dtype;
    return `np.array([${lines.join(',\n          ')}], dtype="${kind}")`;
  }

  asCsv(rows: Range, columns: Range): string {
    return this.lines(rows, columns)
      .map(line => line.join(','))
      .join('\n');
  }

  private lines([top, bottom]: Range, [left, right]: Range): string[][] {
    const { dtype } = this.tensor.summary;
    const line = (row: number) => range(left, right).map(column => inFull(this.value(row, column), dtype));
    return range(top, bottom).map(line);
  }

  private askBlock(row: number, column: number): void {
    const key = this.key(row, column);
    if (this.channel === null || this.blocks.has(key) || this.pending.has(key)) {
      return;
    }
    this.pending.add(key);
    const rows = [row, row + BLOCK_ROWS];
    const columns = [column, column + BLOCK_COLUMNS];
    this.channel.ask('tile', { lead: this.lead, rows, columns }).then(
      ({ content, buffers: [buffer] }) => {
        this.pending.delete(key);
        if (isTile(content)) {
          const bytes = buffer === undefined ? new ArrayBuffer(0) : aligned(buffer);
          this.store(key, { tile: content, elements: elementsOf(content, bytes) });
        }
      },
      () => this.pending.delete(key)
    );
  }

  private store(key: string, block: Block): void {
    this.blocks.set(key, block);
    if (this.blocks.size > MOST_BLOCKS) {
      this.blocks.delete(this.blocks.keys().next().value as string);
    }
    this.tell();
  }

  private askPictures(): void {
    const { lead } = this;
    this.channel?.ask('pictures', { lead }).then(({ content, buffers }) => {
      if (lead === this.lead && Array.isArray(content.pictures) && content.pictures.every(isPicture)) {
        this.pictures = content.pictures.map((picture, i) =>
          bitmap(picture, buffers[i] === undefined ? new ArrayBuffer(0) : aligned(buffers[i]))
        );
        this.tell();
      }
    }, ignored);
  }

  /** The notebook keeps the place where the reader came to rest. */
  private remember(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.channel?.ask('keep', { lead: this.lead, start: this.start }).catch(ignored);
    }, REST);
  }

  private fromSaved(row: number, column: number): Value | null {
    const here = this.saved?.tile.lead.every((place, i) => place === this.lead[i]);
    return this.saved !== undefined && here ? within(this.saved, row, column) : null;
  }

  private key(row: number, column: number): string {
    return `${this.lead}|${Math.floor(row / BLOCK_ROWS)}|${Math.floor(column / BLOCK_COLUMNS)}`;
  }

  private tell(): void {
    for (const heard of [...this.listeners]) {
      heard();
    }
  }

  private readonly saved: Block | undefined;
  private readonly blocks = new Map<string, Block>();
  private readonly pending = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private channel: Channel | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
}

function within({ tile, elements }: Block, row: number, column: number): Value | null {
  const [top, bottom] = tile.rows;
  const [left, right] = tile.columns;
  if (row < top || row >= bottom || column < left || column >= right) {
    return null;
  }
  return elements[(row - top) * (right - left) + column - left] ?? null;
}

function bitmap(picture: Picture, bytes: ArrayBuffer): Bitmap {
  const wanted = picture.height * picture.width * picture.channels;
  return { ...picture, bytes: bytes.byteLength === wanted ? new Uint8Array(bytes) : new Uint8Array(wanted) };
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

/** NumPy has names of its own for what no literal can say. */
function forNumPy(word: string): string {
  return /^-?(nan|inf)$/.test(word) ? word.replace(/nan|inf/, 'np.$&') : word;
}

function ignored(): void {}
