/** Draws a graph: a caption, the drawing, and its plain-text twin. */
import type { GraphModel } from './model';
import { safeSvg } from './svg';

/** Fills `el` and returns what empties it again. */
export function render({ model, el }: { model: GraphModel; el: HTMLElement }): () => void {
  const figure = element('figure', 'minitf-graph');
  const caption = element('figcaption', 'minitf-graph-caption', model.summary);
  const drawing = safeSvg(model.svg);
  const text = element('pre', 'minitf-graph-text', model.text);
  figure.append(caption, ...(drawing ? [framed(drawing, model), folded(text)] : [text]));
  el.replaceChildren(figure);
  return () => figure.remove();
}

/** For what cannot be drawn: the reason, and the text that came with it. */
export function renderProblem(el: HTMLElement, problem: string, text: string): () => void {
  const figure = element('figure', 'minitf-graph');
  figure.append(element('figcaption', 'minitf-graph-problem', problem));
  if (text) {
    figure.append(element('pre', 'minitf-graph-text', text));
  }
  el.replaceChildren(figure);
  return () => figure.remove();
}

function framed(drawing: SVGElement, model: GraphModel): HTMLElement {
  const frame = element('div', 'minitf-graph-drawing');
  frame.tabIndex = 0; // a large drawing scrolls, by key as well
  drawing.setAttribute('role', 'img');
  drawing.setAttribute('aria-label', `Graph of ${model.summary}`);
  frame.append(drawing);
  return frame;
}

function folded(text: HTMLElement): HTMLElement {
  const details = element('details', 'minitf-graph-twin');
  details.append(element('summary', '', 'As text'), text);
  return details;
}

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
