import { beforeEach, expect, test, vi } from 'vitest';
import { CheckpointModel } from '../../../labextension/src/checkpoints/model';
import { render } from '../../../labextension/src/checkpoints/view';
import type { Checkpoint } from '../../../labextension/src/contract/checkpoint';
import { FakeKernel, settled } from '../channel';
import { sample } from '../samples';

const BROWSE = sample<Checkpoint>('checkpoint');
const REHEARSAL = sample<Checkpoint>('rehearsal');
let el: HTMLElement;

beforeEach(() => {
  el = document.createElement('div');
  document.body.replaceChildren(el);
});

function shown(checkpoint = BROWSE, kernel: FakeKernel | null = null) {
  const model = new CheckpointModel(checkpoint);
  const draw = vi.fn(() => () => {});
  model.connect(kernel);
  return { model, draw, clear: render({ model, el, draw }) };
}

const lines = () => [...el.querySelectorAll<HTMLElement>('tr[aria-level]')];
const press = (key: string) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

test('an ARIA tree grid: levels, openings, totals', () => {
  shown();
  expect(el.querySelector('[role=treegrid]')).not.toBeNull();
  expect(lines().map(line => line.getAttribute('aria-level'))).toEqual(['1', '2', '2', '1']);
  expect(lines()[0]?.textContent).toContain('2 tensors, 15 elements60 B1 ill');
});

test('hostile notes and names stay text', () => {
  shown();
  expect(el.querySelector('img')).toBeNull();
  expect(el.textContent).toContain('<img src=x>');
});

test('every action has a key', async () => {
  const { draw } = shown(BROWSE, new FakeKernel({ tensor: () => ({ content: { kind: 'tensor' } }) }));
  lines()[0]?.focus();
  press('ArrowLeft');
  expect(lines().length).toBe(2);
  press('ArrowRight');
  expect(lines().length).toBe(4);
  press('ArrowDown');
  press('ArrowDown');
  press('Enter');
  await settled();
  expect(el.querySelector('.minitf-status')?.textContent).toBe('dense/kernel: (4, 3) float32, weight. ');
  expect(draw).toHaveBeenCalledWith({ kind: 'tensor' }, expect.any(HTMLElement));
  press('ArrowLeft');
  expect(document.activeElement?.textContent).toContain('dense/');
  press('End');
  expect(document.activeElement?.textContent).toContain('global_step');
});

test('a slider scrubs a tensor over the checkpoints of its folder', async () => {
  const kernel = new FakeKernel({ tensor: () => ({ content: {} }) });
  shown(BROWSE, kernel);
  lines()[2]?.click();
  const slider = el.querySelector('.minitf-scrub input') as HTMLInputElement;
  expect([slider.value, slider.max]).toEqual(['1', '1']);
  slider.value = '0';
  slider.dispatchEvent(new Event('input'));
  await settled();
  expect(kernel.asked.at(-1)).toEqual({ ask: 'tensor', details: { name: 'dense/kernel', place: 0 } });
  expect(el.querySelector('.minitf-scrub output')?.textContent).toBe('model-1');
});

test('the mapping of a rehearsal is edited', async () => {
  const kernel = new FakeKernel({ map: () => ({ content: { rows: REHEARSAL.rows } }) });
  shown(REHEARSAL, kernel);
  const choice = el.querySelector('select') as HTMLSelectElement;
  expect(choice.value).toBe('dense/kernel');
  choice.value = 'dense/bias';
  choice.dispatchEvent(new Event('change'));
  await settled();
  expect(kernel.asked).toEqual([{ ask: 'map', details: { name: 'dense_1/kernel', source: 'dense/bias' } }]);
});

test('without a kernel the mapping is only read', () => {
  shown(REHEARSAL);
  expect((el.querySelector('select') as HTMLSelectElement).disabled).toBe(true);
});

test('what was drawn is cleared', () => {
  shown().clear();
  expect(el.childElementCount).toBe(0);
});
