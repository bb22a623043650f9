/** What changes in a drawing without moving anything: the choice, what is found, traced, stale, coloured. */
import { say } from '../elements/words';
import { spoken } from './captions';
import type { Drawn } from './draw';
import type { Box } from './hierarchy';
import { inOrder } from './keys';
import type { GraphModel } from './model';

/** Brings the marks of all boxes and lines up to date; returns the item that the Tab key leads to. */
export function mark(drawn: Drawn, model: GraphModel): SVGElement | undefined {
  const entry =
    model.selected !== null && drawn.boxes.has(model.selected) ? model.selected : inOrder(model)[0];
  for (const [box, item] of drawn.boxes) {
    markBox(box, item, model);
    item.setAttribute('tabindex', box === entry ? '0' : '-1');
  }
  markLines(drawn, model);
  return entry === undefined ? undefined : drawn.boxes.get(entry);
}

function markBox(box: Box, item: SVGElement, model: GraphModel): void {
  const marks = model.marks(box);
  item.classList.toggle('minitf-stale', marks.isStale);
  item.classList.toggle('minitf-runs', marks.runs === true);
  item.classList.toggle('minitf-idle', marks.runs === false);
  item.classList.toggle('minitf-faded', marks.isFaded);
  item.classList.toggle('minitf-found', marks.found > 0);
  item.setAttribute('aria-selected', String(model.selected === box));
  item.setAttribute('aria-label', spoken(box, model));
  const count = item.querySelector(':scope > .minitf-count');
  if (count === null) {
    return; // an open scope, which has no colour of its own
  }
  count.textContent = marks.found > 1 ? say('%1 found', marks.found) : '';
  const colour = model.colours.of(box);
  for (const shape of item.querySelectorAll<SVGElement>(':scope > rect, :scope > path')) {
    shape.classList.toggle('minitf-coloured', colour !== null);
    shape.style.setProperty('--minitf-hue', String(colour?.hue ?? 0));
    shape.style.setProperty('--minitf-strength', `${(55 * (colour?.strength ?? 0)).toFixed(1)}%`);
  }
}

/** Lines of the chosen box stand out; lines between faded boxes fade. */
function markLines(drawn: Drawn, model: GraphModel): void {
  const chosen = new Set(model.selected?.nodes.map(node => node.id));
  const touches = (box: Box) => chosen.size > 0 && box.nodes.some(node => chosen.has(node.id));
  const ends = new Map([...drawn.boxes.keys()].map(box => [box, [touches(box), model.marks(box).isFaded]]));
  for (const { element, edges } of drawn.lines) {
    const isChosen = edges.some(({ source, target }) => ends.get(source)?.[0] || ends.get(target)?.[0]);
    const isFaded = edges.every(({ source, target }) => ends.get(source)?.[1] || ends.get(target)?.[1]);
    element.classList.toggle('minitf-chosen', isChosen);
    element.classList.toggle('minitf-faded', isFaded);
  }
}
