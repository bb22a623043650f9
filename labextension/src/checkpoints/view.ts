/** Draws a table of named tensors as a tree of name scopes, with totals; a chosen tensor opens below it. */

import { button, element, freshId, textTwin, viewFrame } from '../elements/element';
import { inDigits, say, sayCount } from '../elements/words';
import { bytesInWords, type CheckpointModel, type Item, MOST_ITEMS } from './model';

interface Parts {
  model: CheckpointModel;
  el: HTMLElement;
  /** Draws the description of a tensor. */
  draw?: (data: unknown, el: HTMLElement) => () => void;
}

/** Fills `el` and returns what empties it again. */
export function render({ model, el, draw = () => () => {} }: Parts): () => void {
  const { checkpoint } = model;
  const figure = viewFrame('minitf-view minitf-checkpoint');
  const caption = element('figcaption');
  const status = element('p', 'minitf-status');
  const opened = element('section', 'minitf-opened');
  let clearOpened = () => {};
  status.setAttribute('role', 'status');
  caption.append(element('b', '', checkpoint.title), ' ', element('span', '', checkpoint.line));

  const open = (item: Item) => {
    status.textContent = `${item.path}: ${item.row?.shape} ${item.row?.dtype}, ${item.row?.role}. ${item.row?.note ?? ''}`;
    if (model.isLive) {
      clearOpened();
      clearOpened = openTensor(model, item.path, opened, draw);
    }
  };
  const tree = new Tree(model, open, text => {
    status.textContent = text;
  });
  figure.append(caption, tools(model, status), tree.node, status, opened, textTwin(checkpoint.text));
  const stop = model.onChange(() => tree.draw());
  el.replaceChildren(figure);
  return () => {
    stop();
    clearOpened();
    figure.remove();
  };
}

function tools(model: CheckpointModel, status: HTMLElement): HTMLElement {
  const { mode } = model.checkpoint;
  const holder = element('div', 'minitf-buttons');
  const search = element('input', 'minitf-search');
  search.type = 'search';
  search.placeholder = say('Search names, shapes, roles');
  search.setAttribute('aria-label', say('Search'));
  search.addEventListener('input', () => model.search(search.value));
  holder.append(search, chips(model));
  if (mode === 'browse') {
    holder.append(
      button(say('Health check'), () => {
        status.textContent = say('Reading all tensors …');
        model.checkHealth().then(
          () => {
            const ill = model.counts.get('ill') ?? 0;
            status.textContent =
              ill === 0
                ? say('Nothing is wrong with any tensor.')
                : sayCount(
                    '%n of %all tensors is worth a look.',
                    '%n of %all tensors are worth a look.',
                    ill
                  ).replace('%all', inDigits(model.rows.length));
          },
          (error: Error) => {
            status.textContent = error.message;
          }
        );
      })
    );
  }
  if (mode === 'rehearsal') {
    holder.append(
      button(say('Restore'), () => {
        model.restore().then(
          said => {
            status.textContent = said;
          },
          (error: Error) => {
            status.textContent = error.message;
          }
        );
      })
    );
  }
  return holder;
}

/** A button for each status that shows only its rows. */
function chips(model: CheckpointModel): HTMLElement {
  const holder = element('span', 'minitf-chips');
  holder.setAttribute('role', 'group');
  holder.setAttribute('aria-label', say('Show only'));
  const fill = () => {
    const focused = holder.querySelector(':focus')?.getAttribute('data-status');
    const made = [...model.counts].map(([status, count]) => {
      const chip = button(`${count} ${say(status)}`, () => model.only(status));
      chip.dataset.status = status;
      chip.setAttribute('aria-pressed', String(model.status === status));
      return chip;
    });
    holder.replaceChildren(...made);
    made.find(chip => chip.dataset.status === focused)?.focus();
  };
  fill();
  model.onChange(fill);
  return holder;
}

/** The tensor below the table; with a slider through the checkpoints of its folder. */
function openTensor(
  model: CheckpointModel,
  name: string,
  place: HTMLElement,
  draw: (data: unknown, el: HTMLElement) => () => void
): () => void {
  const holder = element('div');
  const { history } = model.checkpoint;
  let clear = () => {};
  let latest = 0;
  const show = (index: number) => {
    const asked = ++latest;
    model.tensor(name, index).then(
      found => {
        if (asked === latest) {
          clear();
          clear = draw(found, holder);
        }
      },
      (error: Error) => holder.replaceChildren(element('p', 'minitf-note', error.message))
    );
  };
  place.replaceChildren();
  if (history.length > 0) {
    place.append(scrubber(history, model.checkpoint.title, show));
  }
  place.append(holder);
  show(-1);
  return () => {
    latest = -1;
    clear();
  };
}

function scrubber(history: string[], title: string, show: (index: number) => void): HTMLElement {
  const label = element('label', 'minitf-scrub', `${say('in checkpoint')} `);
  const slider = element('input');
  const words = element('output');
  const here = Math.max(0, history.indexOf(title));
  Object.assign(slider, { type: 'range', min: '0', max: String(history.length - 1), value: String(here) });
  words.textContent = title;
  slider.addEventListener('input', () => {
    words.textContent = history[slider.valueAsNumber] ?? '';
    show(slider.valueAsNumber);
  });
  label.append(slider, ' ', words);
  return label;
}

class Tree {
  readonly node = element('div', 'minitf-tree');
  private readonly name = freshId('row');
  private current = 0;

  constructor(
    private readonly model: CheckpointModel,
    private readonly chosen: (item: Item) => void,
    private readonly say: (text: string) => void
  ) {
    this.node.addEventListener('keydown', event => this.press(event));
    this.draw();
  }

  draw(): void {
    const items = this.model.items;
    const shown = items.slice(0, MOST_ITEMS);
    this.current = Math.min(this.current, Math.max(0, shown.length - 1));
    const hadFocus = this.node.contains(document.activeElement) && document.activeElement?.localName === 'tr';
    const table = element('table');
    table.setAttribute('role', 'treegrid');
    table.setAttribute('aria-label', this.model.checkpoint.title);
    table.setAttribute('aria-rowcount', String(items.length + 1));
    table.append(this.head(), ...shown.map((item, i) => this.row(item, i)));
    const { scrollTop } = this.node;
    this.node.replaceChildren(table);
    if (items.length > shown.length) {
      this.node.append(
        element('p', '', say('… and %1 more: search, or open fewer scopes.', items.length - shown.length))
      );
    }
    if (this.model.rows.length < this.model.checkpoint.rows.length + this.model.checkpoint.omitted) {
      this.node.append(
        element(
          'p',
          '',
          say('%1 more tensors were not saved in the notebook.', this.model.checkpoint.omitted)
        )
      );
    }
    this.node.scrollTop = scrollTop;
    if (hadFocus) {
      this.focus(this.current);
    }
  }

  private head(): HTMLElement {
    const line = element('tr');
    line.setAttribute('role', 'row');
    const columns = [say('name'), say('shape'), say('dtype'), say('size'), say('role'), say('found')];
    for (const name of columns) {
      const cell = element('th', '', name);
      cell.setAttribute('role', 'columnheader');
      line.append(cell);
    }
    return line;
  }

  private row(item: Item, place: number): HTMLElement {
    const line = element('tr');
    line.id = `${this.name}-${place}`;
    line.tabIndex = place === this.current ? 0 : -1;
    line.setAttribute('role', 'row');
    line.setAttribute('aria-level', String(item.depth + 1));
    line.setAttribute('aria-rowindex', String(place + 2));
    const first = cell('');
    first.style.paddingLeft = `${8 + item.depth * 18}px`;
    if (item.row === undefined) {
      line.setAttribute('aria-expanded', String(item.isOpen));
      first.append(element('span', 'minitf-arrow', item.isOpen ? '▾ ' : '▸ '));
    }
    first.append(element('span', '', item.label));
    line.append(first, ...this.facts(item));
    line.addEventListener('focus', () => {
      this.current = place; // a screen reader may put it anywhere
    });
    line.addEventListener('click', event => {
      if (!(event.target instanceof HTMLSelectElement)) {
        this.focus(place);
        this.act(item);
      }
    });
    return line;
  }

  private facts(item: Item): HTMLElement[] {
    const { row } = item;
    if (row === undefined) {
      const found = [...item.counts].map(([status, count]) => `${count} ${say(status)}`).join(', ');
      const tensors = sayCount('%n tensor', '%n tensors', item.tensors);
      const elements = sayCount('%n element', '%n elements', item.elements);
      return [cell(`${tensors}, ${elements}`, 2), cell(bytesInWords(item.bytes)), cell(''), cell(found)];
    }
    const found = cell('');
    if (row.status !== '') {
      found.append(element('span', `minitf-status-${row.status.replace(/\W/g, '')}`, say(row.status)));
    }
    if (this.model.checkpoint.mode === 'rehearsal' && row.status !== 'extra') {
      found.append(this.choice(row.name, row.source));
    }
    found.append(element('span', 'minitf-row-note', row.note));
    return [cell(row.shape), cell(row.dtype), cell(bytesInWords(row.bytes)), cell(row.role), found];
  }

  /** Which tensor a variable shall take. */
  private choice(name: string, source: string): HTMLElement {
    const choose = element('select');
    choose.setAttribute('aria-label', say('Tensor for %1', name));
    choose.disabled = !this.model.isLive;
    for (const each of ['', ...new Set([source, ...this.model.checkpoint.choices])].filter(
      (s, i) => s !== '' || i === 0
    )) {
      const option = element('option', '', each === '' ? say('(nothing)') : `← ${each}`);
      option.value = each;
      choose.append(option);
    }
    choose.value = source;
    choose.addEventListener('keydown', event => event.stopPropagation());
    choose.addEventListener('change', () => {
      this.model.map(name, choose.value).catch((error: Error) => this.say(error.message));
    });
    return choose;
  }

  private act(item: Item): void {
    if (item.row === undefined) {
      this.model.toggle(item.path);
    } else {
      this.chosen(item);
    }
  }

  private press(event: KeyboardEvent): void {
    const items = this.model.items.slice(0, MOST_ITEMS);
    const item = items[this.current];
    if (item === undefined) {
      return;
    }
    const parent = items.slice(0, this.current).findLastIndex(other => other.depth < item.depth);
    const isScope = item.row === undefined;
    const actions: Record<string, () => void> = {
      ArrowDown: () => this.focus(Math.min(this.current + 1, items.length - 1)),
      ArrowUp: () => this.focus(Math.max(this.current - 1, 0)),
      Home: () => this.focus(0),
      End: () => this.focus(items.length - 1),
      ArrowRight: () => isScope && this.model.toggle(item.path, true),
      ArrowLeft: () =>
        isScope && item.isOpen ? this.model.toggle(item.path, false) : this.focus(Math.max(parent, 0)),
      Enter: () => this.act(item),
      ' ': () => this.act(item)
    };
    const action = actions[event.key];
    if (action !== undefined) {
      event.preventDefault();
      action();
    }
  }

  private focus(place: number): void {
    const lines = this.node.querySelectorAll<HTMLElement>('tr[aria-level]');
    lines.forEach((line, i) => {
      line.tabIndex = i === place ? 0 : -1;
    });
    this.current = place;
    lines[place]?.focus();
  }
}

function cell(text: string, span = 1): HTMLTableCellElement {
  const made = element('td', '', text);
  made.setAttribute('role', 'gridcell');
  made.colSpan = span;
  return made;
}
