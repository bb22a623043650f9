/**
 * A table of any size: only the cells in view exist. The frame scrolls over a tall empty box, and a small
 * table that stays in sight is filled anew with what belongs there.
 */

import { element, freshId } from '../elements/element';
import { say } from '../elements/words';
import { range, type TensorModel } from './model';
import { inWords } from './numbers';

const ROW = 22; // pixels
const COLUMN = 76;
const TEXT_COLUMN = 320;
const HEAD = 64;
const TALLEST = 8_000_000; // browsers draw no box that is much taller
const UNSEEN = { height: 242, width: 640 }; // where nothing is laid out (yet)

export interface TableEvents {
  /** The cursor came to a cell. */
  at: (row: number, column: number) => void;
  /** A cell was chosen, by click or Enter. */
  chosen: (row: number, column: number) => void;
}

export class Table {
  readonly node = element('div', 'minitf-table');
  row: number;
  column: number;

  constructor(
    private readonly model: TensorModel,
    private readonly events: TableEvents
  ) {
    const dtype = model.tensor.summary.dtype;
    this.cellWidth = dtype === 'string' ? TEXT_COLUMN : COLUMN;
    [this.row, this.column] = model.start;
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'grid');
    this.node.setAttribute('aria-label', say('Values of %1', model.tensor.name || say('the array')));
    this.node.setAttribute('aria-rowcount', String(model.rows));
    this.node.setAttribute('aria-colcount', String(model.columns));
    this.space.append(this.sheet);
    this.node.append(this.space);
    this.space.style.height = `${Math.min(TALLEST, (model.rows + 1) * ROW)}px`;
    this.space.style.width = `${Math.min(TALLEST, HEAD + model.columns * this.cellWidth)}px`;
    this.node.addEventListener('scroll', () => this.draw());
    this.node.addEventListener('keydown', event => this.press(event));
    this.node.addEventListener('click', event => this.click(event));
    this.stop = model.onChange(() => this.draw());
    requestAnimationFrame(() => this.scrollTo(...model.start));
    this.draw();
  }

  clear(): void {
    this.stop();
  }

  /** Rows and columns in view: first, and one behind the last. */
  inView(): { rows: [number, number]; columns: [number, number] } {
    const { top, left } = this.first();
    const { tall, wide } = this.size();
    return {
      rows: [top, Math.min(top + tall, this.model.rows)],
      columns: [left, Math.min(left + wide, this.model.columns)]
    };
  }

  private draw(): void {
    const { rows, columns } = this.inView();
    this.model.want(rows, columns);
    this.model.moved(rows[0], columns[0]);
    const table = element('table');
    table.setAttribute('role', 'presentation');
    table.append(this.heads(columns), ...range(...rows).map(row => this.line(row, columns)));
    this.sheet.replaceChildren(table);
    this.mark();
  }

  private heads(columns: [number, number]): HTMLElement {
    const head = element('tr');
    head.setAttribute('role', 'row');
    head.append(spot('th', 'columnheader', ''));
    for (const column of range(...columns)) {
      head.append(spot('th', 'columnheader', String(column)));
    }
    return head;
  }

  private line(row: number, columns: [number, number]): HTMLElement {
    const line = element('tr');
    line.setAttribute('role', 'row');
    line.setAttribute('aria-rowindex', String(row + 1));
    line.append(spot('th', 'rowheader', String(row)));
    for (const column of range(...columns)) {
      line.append(this.cell(row, column));
    }
    return line;
  }

  private cell(row: number, column: number): HTMLElement {
    const { dtype } = this.model.tensor.summary;
    const value = this.model.value(row, column);
    const text = value !== null ? inWords(value, dtype) : this.model.isLive ? '…' : say('not saved');
    const cell = spot('td', 'gridcell', text);
    cell.id = `${this.name}-${row}-${column}`;
    cell.dataset.row = String(row);
    cell.dataset.column = String(column);
    cell.setAttribute('aria-colindex', String(column + 1));
    cell.style.width = `${this.cellWidth - 10}px`;
    cell.classList.toggle('minitf-missing', value === null);
    cell.classList.toggle('minitf-lost', typeof value === 'number' && !Number.isFinite(value));
    cell.classList.toggle('minitf-string', typeof value === 'string');
    cell.style.backgroundColor = tint(value, this.model.tensor.summary);
    return cell;
  }

  private mark(): void {
    this.sheet.querySelector('.minitf-cursor')?.classList.remove('minitf-cursor');
    const cell = this.sheet.querySelector(`#${this.name}-${this.row}-${this.column}`);
    cell?.classList.add('minitf-cursor');
    if (cell) {
      this.node.setAttribute('aria-activedescendant', cell.id);
    } else {
      this.node.removeAttribute('aria-activedescendant');
    }
  }

  private press(event: KeyboardEvent): void {
    const { tall } = this.size();
    const { rows, columns } = this.model;
    const far = event.ctrlKey || event.metaKey;
    const moves: Record<string, [number, number]> = {
      ArrowUp: [this.row - 1, this.column],
      ArrowDown: [this.row + 1, this.column],
      ArrowLeft: [this.row, this.column - 1],
      ArrowRight: [this.row, this.column + 1],
      PageUp: [this.row - tall, this.column],
      PageDown: [this.row + tall, this.column],
      Home: [far ? 0 : this.row, 0],
      End: [far ? rows - 1 : this.row, columns - 1]
    };
    const move = moves[event.key];
    if (move !== undefined) {
      this.go(...move);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.events.chosen(this.row, this.column);
    } else {
      return;
    }
    event.preventDefault();
  }

  private click(event: MouseEvent): void {
    const cell = event.target instanceof HTMLElement ? event.target.closest('td') : null;
    if (cell?.dataset.row !== undefined) {
      this.go(Number(cell.dataset.row), Number(cell.dataset.column));
      this.events.chosen(this.row, this.column);
    }
  }

  /** Moves the cursor, and the table where the cursor would leave it. */
  go(row: number, column: number): void {
    this.row = Math.min(Math.max(row, 0), this.model.rows - 1);
    this.column = Math.min(Math.max(column, 0), this.model.columns - 1);
    const { rows, columns } = this.inView();
    const top = Math.min(Math.max(rows[0], this.row - (rows[1] - rows[0]) + 1), this.row);
    const left = Math.min(Math.max(columns[0], this.column - (columns[1] - columns[0]) + 1), this.column);
    if (top !== rows[0] || left !== columns[0]) {
      this.scrollTo(top, left);
    }
    this.mark();
    this.events.at(this.row, this.column);
  }

  private scrollTo(row: number, column: number): void {
    this.exact = { top: row, left: column };
    this.node.scrollTop = row * this.ratio(this.model.rows + 1, ROW);
    this.node.scrollLeft = column * this.ratio(this.model.columns, this.cellWidth);
    this.exact.scrollTop = this.node.scrollTop;
    this.exact.scrollLeft = this.node.scrollLeft;
    this.draw();
  }

  /** Row and column at the corner: where `scrollTo` went, until somebody scrolls. */
  private first(): { top: number; left: number } {
    const { scrollTop, scrollLeft } = this.node;
    if (scrollTop === this.exact.scrollTop && scrollLeft === this.exact.scrollLeft) {
      return this.exact;
    }
    const { tall, wide } = this.size();
    const top = Math.round(scrollTop / this.ratio(this.model.rows + 1, ROW));
    const left = Math.round(scrollLeft / this.ratio(this.model.columns, this.cellWidth));
    return {
      top: Math.max(0, Math.min(top, this.model.rows - tall)),
      left: Math.max(0, Math.min(left, this.model.columns - wide))
    };
  }

  /** Pixels of the tall box for one row (or column). */
  private ratio(count: number, pixels: number): number {
    return Math.min(TALLEST, count * pixels) / count;
  }

  private size(): { tall: number; wide: number } {
    const height = this.node.clientHeight || UNSEEN.height;
    const width = this.node.clientWidth || UNSEEN.width;
    return {
      tall: Math.max(1, Math.floor(height / ROW) - 1),
      wide: Math.max(1, Math.floor((width - HEAD) / this.cellWidth))
    };
  }

  private readonly space = element('div', 'minitf-table-space');
  private readonly sheet = element('div', 'minitf-table-sheet');
  private readonly name = freshId('cell');
  private readonly cellWidth: number;
  private readonly stop: () => void;
  private exact: { top: number; left: number; scrollTop?: number; scrollLeft?: number } = {
    top: 0,
    left: 0,
    scrollTop: 0,
    scrollLeft: 0
  };
}

function spot(tag: 'th' | 'td', role: string, text: string): HTMLElement {
  const made = element(tag, '', text);
  made.setAttribute('role', role);
  return made;
}

/** Blue for positive, orange for negative, the stronger the larger; nothing for what is no number. */
function tint(
  value: number | bigint | string | null,
  { min, max }: { min: number | null; max: number | null }
): string {
  const largest = Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0));
  const number = typeof value === 'string' || value === null ? Number.NaN : Number(value);
  if (!Number.isFinite(number) || number === 0 || largest === 0) {
    return '';
  }
  const strength = 0.05 + 0.35 * Math.min(1, Math.abs(number) / largest);
  return `rgba(${number > 0 ? '38, 110, 220' : '225, 120, 20'}, ${strength.toFixed(3)})`;
}
