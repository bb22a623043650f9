import { beforeEach, expect, test, vi } from 'vitest';
import type { Tensor } from '../../../labextension/src/contract/tensor';
import { TensorModel } from '../../../labextension/src/tensor/model';
import { colours } from '../../../labextension/src/tensor/pictures';
import { render } from '../../../labextension/src/tensor/view';
import { FakeKernel, settled } from '../channel';
import { sample } from '../samples';

const TENSOR = sample<Tensor>('tensor');
let el: HTMLElement;

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null); // jsdom draws nothing
  el = document.createElement('div');
  document.body.replaceChildren(el);
});

function shown(tensor: Tensor = TENSOR, channel?: FakeKernel) {
  const model = new TensorModel(tensor);
  model.connect(channel ?? null);
  return { model, clear: render({ model, el }) };
}

const grid = () => el.querySelector('[role=grid]') as HTMLElement;
const press = (key: string) => grid().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
const tab = (label: string) =>
  [...el.querySelectorAll<HTMLElement>('[role=tab]')].find(each => each.textContent === label) as HTMLElement;

test('the first line says it all, and warns of NaN', () => {
  shown();
  const caption = el.querySelector('figcaption')?.textContent ?? '';
  expect(caption).toContain('(2, 3, 4) float32, 96 B: min -2.5, max 23');
  expect(caption).toContain('⚠ 1 NaN, 0 infinite');
});

test('hostile names stay text', () => {
  shown();
  expect(el.querySelector('b')?.textContent).toBe('x <script>');
  expect(el.querySelector('script')).toBeNull();
});

test('the table is an ARIA grid that the keyboard walks', () => {
  shown();
  expect(grid().getAttribute('aria-rowcount')).toBe('3');
  press('ArrowDown');
  press('End');
  const active = document.getElementById(grid().getAttribute('aria-activedescendant') ?? '');
  expect(active?.textContent).toBe('7');
  expect(el.querySelector('[role=status]')?.textContent).toBe('x <script>[0, 1, 3] = 7');
});

test('a slider for each leading axis', () => {
  const channel = new FakeKernel({ pictures: () => ({ content: { pictures: [] } }) });
  const { model } = shown(TENSOR, channel);
  const slider = el.querySelector('input[type=range]') as HTMLInputElement;
  slider.value = '1';
  slider.dispatchEvent(new Event('input'));
  expect(model.lead).toEqual([1]);
  expect(el.querySelector('output')?.textContent).toBe('1 of 2');
});

test('cells of a place that was not saved say so', () => {
  const { model } = shown();
  model.setLead(0, 1);
  expect(grid().querySelector('td')?.textContent).toBe('not saved');
});

test('choosing an element shows what made it', async () => {
  shown(TENSOR, new FakeKernel({ contribution: () => ({ content: sample('contribution') }) }));
  press('Enter');
  await settled();
  const made = el.querySelector('.minitf-contribution')?.textContent ?? '';
  expect(made).toContain('y:0[1, 0] = 12 was made by MatMul (cell [4], line 2)');
  expect(made).toContain('x:0[1, :]');
  expect(made).toContain('w:0[:, 0]');
});

test('the reason is shown where nothing made it', async () => {
  shown(TENSOR, new FakeKernel());
  press('Enter');
  await settled();
  expect(el.querySelector('.minitf-note')?.textContent).toContain('KeyError');
});

test('tabs: histogram, pictures, and the arrow keys between them', () => {
  shown();
  tab('Table').dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
  expect(document.activeElement).toBe(tab('Picture'));
  expect(el.querySelectorAll('canvas').length).toBe(2);
  tab('Histogram').click();
  const bars = [...el.querySelectorAll('rect')].map(bar => Number(bar.textContent?.split(' ')[0]));
  const apart = el.querySelector('.minitf-histogram p')?.textContent ?? '';
  expect(bars.reduce((a, b) => a + b)).toBe(23);
  expect(apart).toContain('23 finite elements');
  expect(apart).toContain('apart from them 1 NaN');
});

test('what was drawn is cleared', () => {
  const { clear } = shown();
  clear();
  expect(el.childElementCount).toBe(0);
});

test('levels are coloured around zero, and NaN is red', () => {
  const picture = { index: [], height: 1, width: 3, channels: 1, low: -1, high: 1 };
  const found = [...colours({ ...picture, bytes: Uint8Array.from([127, 254, 255]) })];
  expect(found.slice(0, 3)).toEqual([255, 255, 255]);
  expect(found.slice(4, 7)).toEqual([23, 78, 166]);
  expect(found.slice(8, 11)).toEqual([214, 39, 40]);
});
