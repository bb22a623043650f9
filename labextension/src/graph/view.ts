/** Draws a graph: a caption, the drawing, and its plain-text twin. */
import type { GraphModel } from './model';
import { safeSvg } from './svg';

/** A drawing wider than its cell shrinks to this part of its size, and scrolls beyond. */
const SMALLEST = 0.55;

/** Fills `el` and returns what empties it again. */
export function render({ model, el }: { model: GraphModel; el: HTMLElement }): () => void {
  const figure = element('figure', 'minitf-graph');
  const caption = element('figcaption', 'minitf-graph-caption', model.summary);
  const drawing = safeSvg(model.svg);
  const text = element('pre', 'minitf-graph-text', model.text);
  if (drawing === null) {
    figure.append(caption, text);
  } else {
    const frame = framed(drawing, model);
    figure.append(caption, frame, explained(frame, model), folded(text));
  }
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
  drawing.setAttribute('role', 'group');
  drawing.setAttribute('aria-label', `Graph of ${model.summary}`);
  drawing.style.minWidth = `${SMALLEST * Number.parseFloat(drawing.getAttribute('width') ?? '0')}pt`;
  frame.append(drawing);
  return frame;
}

/** Clicking a box (or pressing Enter on it) tells what it is and which cell made it. */
function explained(frame: HTMLElement, model: GraphModel): HTMLElement {
  const details = element(
    'p',
    'minitf-graph-details',
    'Choose a box to see what it is and which cell made it.'
  );
  details.setAttribute('role', 'status');
  const choose = (event: Event) => {
    const name = boxName(event.target);
    if (name !== null) {
      details.textContent = model.details(name);
    }
  };
  for (const box of frame.querySelectorAll('g.node')) {
    box.setAttribute('tabindex', '0');
  }
  frame.addEventListener('click', choose);
  frame.addEventListener('focusin', choose);
  return details;
}

/** Graphviz writes the name of a box into its title. */
function boxName(target: EventTarget | null): string | null {
  const box = target instanceof Element ? target.closest('g.node') : null;
  return box?.querySelector('title')?.textContent ?? null;
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
