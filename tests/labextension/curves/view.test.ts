import { beforeEach, expect, test, vi } from 'vitest';
import type { Training } from '../../../labextension/src/contract/training';
import { TrainingModel } from '../../../labextension/src/curves/model';
import { inWords, render } from '../../../labextension/src/curves/view';
import { FakeKernel, settled } from '../channel';
import { sample } from '../samples';

const TRAINING = sample<Training>('training');
let el: HTMLElement;

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null); // jsdom draws nothing
  el = document.createElement('div');
  document.body.replaceChildren(el);
});

function shown(
  training: Training = TRAINING,
  kernel: FakeKernel | null = null,
  draw = vi.fn(() => () => {})
) {
  const model = new TrainingModel(training);
  model.connect(kernel);
  return { model, draw, clear: render({ model, el, draw }) };
}

const canvas = () => el.querySelector('canvas') as HTMLCanvasElement;
const press = (key: string) => canvas().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));

test('a panel for each tag, and what the curves mean', () => {
  shown();
  expect([...el.querySelectorAll('.minitf-chart-title')].map(title => title.textContent)).toEqual([
    'loss',
    'accuracy'
  ]);
  expect(el.querySelector('.minitf-captions')?.textContent).toContain('2.303 = ln 10');
  expect(canvas().getAttribute('aria-label')).toContain('loss: <b>a</b> 40 points, last 0.05756');
});

test('hostile names stay text', () => {
  shown();
  expect(el.querySelector('.minitf-legend b')).toBeNull();
  expect(el.querySelector('.minitf-legend')?.textContent).toContain('<b>a</b>');
});

test('progress in words', () => {
  shown();
  const bar = el.querySelector('progress') as HTMLProgressElement;
  expect([bar.value, bar.max]).toEqual([120, 1000]);
  expect(el.querySelector('.minitf-progress span')?.textContent).toBe(
    '120 of 1,000 steps, 57.1 steps/s, 15 s to go'
  );
  const over = { done: 5, total: null, rate: 0, left: null, elapsed: 3700, over: true, label: 'epochs' };
  expect(inWords(over)).toBe('epochs: 5 steps, done in 1 h 1 min');
});

test('a bar alone hides what curves would need', () => {
  shown(sample('progress'));
  expect(el.querySelector('figure')?.classList.contains('minitf-only-progress')).toBe(true);
});

test('every action has a key: cross, zoom, pan, all, choose', async () => {
  const step = vi.fn(() => ({
    content: { step: 10, checkpoint: 'model-10', tensors: [{ kind: 'tensor' }] }
  }));
  const { model, draw } = shown(TRAINING, new FakeKernel({ step }));
  press('ArrowRight');
  expect(el.querySelector('.minitf-status')?.textContent).toMatch(
    /^step 1 · loss \(<b>a<\/b>\) 1.151, smoothed/
  );
  press('+');
  const [left, right] = model.xRange();
  expect(right - left).toBeLessThan(39);
  canvas().dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', shiftKey: true }));
  expect(model.xRange()[0]).toBeGreaterThan(left);
  press('0');
  expect(model.view).toBeNull();
  press('Enter');
  await settled();
  expect(step).toHaveBeenCalledWith({ step: 1 });
  expect(el.querySelector('.minitf-record')?.textContent).toBe('Recorded at step 10:model-10');
  expect(draw).toHaveBeenCalledOnce();
});

test('without a kernel a click says why nothing is shown', async () => {
  shown();
  press('Enter');
  await settled();
  expect(el.querySelector('.minitf-record')?.textContent).toContain('gone');
});

test('smoothing waits for all points', () => {
  shown(sample('training_part'));
  expect((el.querySelector('input[type=range]') as HTMLInputElement).disabled).toBe(true);
});

test('many changes are one drawing', () => {
  const frames: FrameRequestCallback[] = [];
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback));
  const { model } = shown();
  for (let i = 0; i < 1000; i += 1) {
    model.set({ logY: i % 2 === 0 });
  }
  expect(frames.length).toBe(1);
  vi.unstubAllGlobals();
});

test('what was drawn is cleared', () => {
  shown().clear();
  expect(el.childElementCount).toBe(0);
});
