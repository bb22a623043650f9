import { expect, test } from 'vitest';
import { GraphModel } from '../../../labextension/src/graph/model';
import { render, renderProblem } from '../../../labextension/src/graph/view';
import { SAMPLE } from '../sample';

function shown(graph = SAMPLE) {
  const el = document.createElement('div');
  return { el, clear: render({ model: new GraphModel(graph), el }) };
}

test('a graph has a caption, a drawing with a name, and a text twin that is folded', () => {
  const { el } = shown();
  expect(el.querySelector('figcaption')?.textContent).toBe('5 operations in 2 name scopes');
  expect(el.querySelector('svg[role=group]')?.getAttribute('aria-label')).toBe(
    'Graph of 5 operations in 2 name scopes'
  );
  expect(el.querySelector('svg')?.style.minWidth).toBe('44pt');
  expect(el.querySelector('details > pre')?.textContent).toBe(SAMPLE.text);
});

test.each(['', '<svg'])('without a drawing (%j) the text stands in the open', svg => {
  const { el } = shown({ ...SAMPLE, svg });
  expect(el.querySelector('svg, details')).toBeNull();
  expect(el.querySelector('figure > pre')?.textContent).toBe(SAMPLE.text);
});

test.each(['click', 'focusin'])('a box tells what it is on %s', event => {
  const { el } = shown();
  const box = el.querySelector('g.node');
  expect(box?.getAttribute('tabindex')).toBe('0');
  box?.querySelector('text')?.dispatchEvent(new Event(event, { bubbles: true }));
  expect(el.querySelector('[role=status]')?.textContent).toBe(
    'x = Placeholder() → float32 (?, 10), made in cell [4], line 2'
  );
});

test('a click beside the boxes changes nothing', () => {
  const { el } = shown();
  el.querySelector('svg')?.dispatchEvent(new Event('click', { bubbles: true }));
  expect(el.querySelector('[role=status]')?.textContent).toContain('Choose a box');
});

test('text is text, whatever it looks like', () => {
  const { el } = shown({ ...SAMPLE, svg: '', text: '<img src=x onerror=alert(1)>' });
  expect(el.querySelector('img')).toBeNull();
});

test('clearing leaves nothing', () => {
  const { el, clear } = shown();
  clear();
  expect(el.childNodes.length).toBe(0);
});

test('a problem is told, with what text there is', () => {
  const el = document.createElement('div');
  const clear = renderProblem(el, 'Too new.', 'x = Placeholder()');
  expect(el.querySelector('.minitf-graph-problem')?.textContent).toBe('Too new.');
  expect(el.querySelector('pre')?.textContent).toBe('x = Placeholder()');
  clear();
  expect(el.childNodes.length).toBe(0);
});
