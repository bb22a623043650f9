import { expect, test, vi } from 'vitest';
import { asSvg } from '../../../labextension/src/graph/export';
import { open } from '../../../labextension/src/graph/open';
import { OPEN_ORIGIN } from '../../../labextension/src/graph/panel';
import { render, renderProblem } from '../../../labextension/src/graph/view';
import { EMPTY, LAYER, model, NETWORK, type Some } from '../sample';

function shown(some: Some[] = LAYER, graph = {}) {
  const el = document.createElement('div');
  document.body.replaceChildren(el);
  const made = model(some, graph);
  const clear = render({ model: made, el });
  const item = (id: string) =>
    [...el.querySelectorAll<SVGElement>('[role=treeitem]')].find(
      each => each.querySelector('title')?.textContent === id
    );
  const press = (key: string, rest: KeyboardEventInit = {}) =>
    (document.activeElement ?? el).dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, ...rest })
    );
  return { el, made, clear, item, press, panel: () => el.querySelector('.minitf-panel')?.textContent ?? '' };
}

const click = (target: Element | null | undefined, kind = 'click') =>
  target?.dispatchEvent(new MouseEvent(kind, { bubbles: true }));

test('a graph is an ARIA tree with a caption and a text twin', () => {
  const { el, item } = shown();
  expect(el.querySelector('figcaption')?.textContent).toBe('8 operations in 1 name scope');
  expect(el.querySelector('[role=tree]')?.getAttribute('aria-label')).toBe('Graph');
  expect(item('dense/')?.getAttribute('aria-expanded')).toBe('true');
  expect(item('dense/MatMul')?.getAttribute('aria-level')).toBe('2');
  expect(item('loss')?.getAttribute('aria-label')).toBe('loss: Sum, float32 ()');
  expect(el.querySelectorAll('[role=treeitem][tabindex="0"]').length).toBe(1);
  const twin = el.querySelector('details');
  twin?.setAttribute('open', '');
  twin?.dispatchEvent(new Event('toggle'));
  expect(twin?.querySelector('pre')?.textContent).toContain('MatMul: MatMul');
});

test('a click chooses a box, a double click or its knob opens it', () => {
  const { item, made, panel } = shown();
  click(item('dense/Relu'));
  expect(panel()).toContain('dense/Relu');
  expect(item('dense/Relu')?.getAttribute('aria-selected')).toBe('true');
  click(item('dense/'));
  click(item('dense/'), 'dblclick');
  expect(item('dense/')?.getAttribute('aria-expanded')).toBe('false');
  click(item('dense/')?.querySelector('.minitf-knob circle'));
  expect(made.isOpen(made.hierarchy.boxes.get('dense/') as never)).toBe(true);
});

test('a double click whose second half meets the panel is meant for the box', () => {
  const { item, el } = shown();
  click(item('dense/'));
  click(el.querySelector('.minitf-panel'), 'dblclick');
  expect(item('dense/')?.getAttribute('aria-expanded')).toBe('false');
});

test('a double click whose second half meets another box, because the picture moved, is meant for the first', () => {
  const { item, made, panel } = shown();
  click(item('dense/'));
  item('dense/Relu')?.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 }));
  expect(panel()).toContain('dense');
  expect(made.selected?.id).toBe('dense/');
  click(item('dense/Relu'), 'dblclick');
  expect(item('dense/')?.getAttribute('aria-expanded')).toBe('false');
});

test('boxes outside the frame are counted, and a button shows them', () => {
  const { el, press, item } = shown();
  const button = el.querySelector<HTMLButtonElement>('.minitf-outside');
  expect(button?.hidden).toBe(true);
  item('x')?.focus();
  for (let i = 0; i < 40; i++) {
    press('ArrowDown', { shiftKey: true });
    press('ArrowRight', { shiftKey: true });
  }
  for (let i = 0; i < 12; i++) {
    press('+');
  }
  expect(button?.hidden).toBe(false);
  expect(button?.textContent).toMatch(/^\d+ more outside$/);
  button?.click();
  expect(button?.hidden).toBe(true);
});

test('every action by keyboard', () => {
  const { item, made, press, el } = shown();
  el.querySelector<SVGElement>('[tabindex="0"][role=treeitem]')?.focus();
  press('Home');
  expect(made.selected?.id).toBe('x');
  press('ArrowDown');
  expect(document.activeElement).toBe(item('dense/'));
  press('ArrowLeft');
  expect(item('dense/')?.getAttribute('aria-expanded')).toBe('false');
  press('Enter');
  expect(item('dense/')?.getAttribute('aria-expanded')).toBe('true');
  press('ArrowRight');
  expect(made.selected?.id).toBe('dense/kernel/');
  press('ArrowLeft');
  expect(made.selected?.id).toBe('dense/');
  press('End');
  expect(made.selected?.id).toBe('loss');
  press('a');
  expect(made.traces.has('ancestors')).toBe(true);
  press('c');
  expect(made.state.open).toEqual([]);
  press('o');
  expect(made.state.open).toContain('dense/');
  press('r');
  expect(made.state.direction).toBe('right');
  for (const key of ['+', '-', '0', '9']) {
    expect(press(key)).toBe(true);
  }
  press('ArrowLeft', { shiftKey: true });
  press('/');
  expect(document.activeElement).toBe(el.querySelector('input[type=search]'));
});

test('search: the count is told, and Enter goes from one to the next', () => {
  const { el, made } = shown();
  const input = el.querySelector('input[type=search]') as HTMLInputElement;
  input.focus();
  input.value = 'relu OR matmul';
  input.dispatchEvent(new Event('input'));
  expect(el.querySelector('.minitf-search-count')?.textContent).toBe('2 found');
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
  expect(made.selected?.id).toBe('dense/MatMul');
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
  expect(made.selected?.id).toBe('dense/Relu');
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  expect(made.query).toBe('');
});

test('inputs and outputs in the panel are clickable; the origin asks the host for the line', () => {
  const { el, item, made } = shown();
  const asked = vi.fn();
  el.addEventListener(OPEN_ORIGIN, event => asked((event as CustomEvent).detail));
  click(item('dense/Relu'));
  const link = (text: string) =>
    [...el.querySelectorAll('.minitf-link')].find(each => each.textContent?.includes(text));
  click(link('cell [5]'));
  expect(asked).toHaveBeenCalledWith({ origin: 'cell [5], line 2', cell: 5, line: 2 });
  click(link('dense/MatMul:0'));
  expect(made.selected?.id).toBe('dense/MatMul');
});

test('layers and what stands aside are one click away', () => {
  const { el, item } = shown();
  click(el.querySelector('.minitf-chip'));
  expect(item('init')).toBeDefined();
  const layer = [...el.querySelectorAll('label')]
    .find(each => each.textContent === 'forward')
    ?.querySelector('input');
  layer?.click();
  expect(item('loss')).toBeUndefined();
});

test('notes of the kernel stand under the caption', () => {
  const { el } = shown(LAYER, { notes: ["replaced 3 nodes of this cell's earlier run"] });
  expect(el.querySelector('.minitf-note')?.textContent).toContain('replaced 3 nodes');
});

test('hostile names are text and nothing else', () => {
  const evil = '<img src=x onerror="window.hijacked=true">';
  const { el, item } = shown(
    [{ name: evil, op: '<script>window.hijacked=true</script>', attrs: [`a=${evil}`] }],
    { notes: [evil] }
  );
  click(item(evil));
  expect(el.querySelector('img, script')).toBeNull();
  expect((window as unknown as { hijacked?: boolean }).hijacked).toBeUndefined();
});

test('the exported SVG needs no style sheet and carries no way to act', () => {
  const { el } = shown();
  const text = asSvg(el.querySelector('svg') as SVGElement);
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  expect(root.querySelectorAll('[role=treeitem]').length).toBe(6);
  expect(root.querySelector('[tabindex], script')).toBeNull();
});

test('expansion state kept across re-renders of the same display', () => {
  const first = document.createElement('div');
  const data = { ...NETWORK, key: 'cell 3' };
  const clear = open(data, '', first);
  const count = (el: Element) => el.querySelectorAll('[role=treeitem]').length;
  click([...first.querySelectorAll('button')].find(each => each.textContent === 'Close'));
  const closed = count(first);
  clear();
  expect(first.childNodes.length).toBe(0);
  const second = document.createElement('div');
  open(data, '', second);
  expect(count(second)).toBe(closed);
  const other = document.createElement('div');
  open({ ...NETWORK, key: 'cell 4' }, '', other);
  expect(count(other)).toBeGreaterThan(closed);
});

test('a table that cannot be read is told, with the text', async () => {
  const el = document.createElement('div');
  open({ ...EMPTY, table: {}, text: 'a = Add()' }, '', el);
  expect(el.querySelector('.minitf-graph-problem')?.textContent).toContain('malformed');
  open({ ...EMPTY, table: 'AAAA', text: 'a = Add()' }, '', el);
  await vi.waitFor(() => expect(el.querySelector('pre')?.textContent).toBe('a = Add()'));
});

test('a problem is told, with what text there is', () => {
  const el = document.createElement('div');
  const clear = renderProblem(el, 'Too new.', 'x = Placeholder()');
  expect(el.querySelector('.minitf-graph-problem')?.textContent).toBe('Too new.');
  expect(el.querySelector('pre')?.textContent).toBe('x = Placeholder()');
  clear();
  expect(el.childNodes.length).toBe(0);
});
