/** Draws a tensor: its line, the ways to look at it, sliders for the leading axes, and where it came from. */

import { button, copy, element, textTwin, viewFrame } from '../elements/element';
import { type Tab, tabs } from '../elements/tabs';
import { say } from '../elements/words';
import { bars } from './bars';
import { explained } from './contribution';
import type { TensorModel } from './model';
import { inWords } from './numbers';
import { gallery } from './pictures';
import { Table } from './table';

/** Fills `el` and returns what empties it again. */
export function render({ model, el }: { model: TensorModel; el: HTMLElement }): () => void {
  const figure = viewFrame('minitf-view minitf-tensor');
  const status = element('p', 'minitf-status');
  status.setAttribute('role', 'status');
  const made = element('div', 'minitf-made');
  const all = waysToLook(model, status, made);
  const { view } = model.tensor;
  const first = { image: 'picture', audio: 'sound', table: 'table', text: 'table' }[view];
  const looks = tabs(
    say('Ways to look'),
    all,
    Math.max(
      0,
      all.findIndex(tab => tab.name === first)
    )
  );
  looks.node.classList.toggle('minitf-short', model.tensor.summary.count === 0);
  looks.node.style.setProperty('--minitf-panel', `${panelHeight(model)}px`);
  figure.append(caption(model), sliders(model), looks.node, status, made, textTwin(model.tensor.text));
  el.replaceChildren(figure);
  return () => {
    looks.clear();
    figure.remove();
  };
}

/** As high as the table needs, within limits; the same for all ways to look. */
function panelHeight({ rows }: TensorModel): number {
  return Math.min(290, Math.max(190, (rows + 1) * 22 + 62));
}

function caption(model: TensorModel): HTMLElement {
  const { name, line, summary } = model.tensor;
  const made = element('figcaption');
  if (name !== '') {
    made.append(element('b', '', name), ' ');
  }
  made.append(element('span', '', line));
  if (summary.nan + summary.inf > 0) {
    const lost = say('%1 NaN, %2 infinite', summary.nan, summary.inf);
    made.append(' ', element('strong', 'minitf-lost', `⚠ ${lost}`));
  }
  return made;
}

function sliders(model: TensorModel): HTMLElement {
  const holder = element('div', 'minitf-sliders');
  model.outer.forEach((size, axis) => {
    const label = element('label', '', `${say('axis %1', axis)} `);
    const slider = element('input');
    const place = element('output', '', say('%1 of %2', model.lead[axis] ?? 0, size));
    slider.type = 'range';
    slider.max = String(size - 1);
    slider.value = String(model.lead[axis] ?? 0);
    slider.disabled = size < 2;
    slider.addEventListener('input', () => {
      model.setLead(axis, slider.valueAsNumber);
      place.textContent = say('%1 of %2', slider.value, size);
    });
    label.append(slider, ' ', place);
    holder.append(label);
  });
  return holder;
}

function waysToLook(model: TensorModel, status: HTMLElement, made: HTMLElement): Tab[] {
  const { tensor } = model;
  const found: Tab[] = [];
  if (tensor.summary.count > 0) {
    found.push({
      name: 'table',
      label: say('Table'),
      fill: panel => tableWithKeys(model, panel, status, made)
    });
  }
  if (tensor.pictures.length > 0) {
    found.push({ name: 'picture', label: say('Picture'), fill: panel => gallery(model, panel) });
  }
  const { histogram } = tensor;
  if (histogram !== null) {
    found.push({ name: 'histogram', label: say('Histogram'), fill: panel => filled(panel, bars(histogram)) });
  }
  if (tensor.why !== '') {
    const why = element('pre', 'minitf-why', tensor.why);
    why.tabIndex = 0;
    found.push({ name: 'why', label: say('Why this shape'), fill: panel => filled(panel, why) });
  }
  if (tensor.sound !== '') {
    found.push({ name: 'sound', label: say('Sound'), fill: panel => player(model, panel) });
  }
  return found.length > 0
    ? found
    : [
        {
          name: 'table',
          label: say('Table'),
          fill: panel => filled(panel, element('p', '', say('No elements.')))
        }
      ];
}

function filled(panel: HTMLElement, content: HTMLElement): () => void {
  panel.append(content);
  return () => {};
}

function tableWithKeys(
  model: TensorModel,
  panel: HTMLElement,
  status: HTMLElement,
  made: HTMLElement
): () => void {
  const { summary, name } = model.tensor;
  const at = (row: number, column: number) => {
    const value = model.value(row, column);
    const text = value === null ? say('not here') : inWords(value, summary.dtype);
    status.textContent = `${name || say('array')}[${model.index(row, column).join(', ')}] = ${text}`;
  };
  const chosen = (row: number, column: number) => {
    at(row, column);
    if (model.isLive) {
      model.contribution(row, column).then(
        found => made.replaceChildren(explained(found)),
        (error: Error) => made.replaceChildren(element('p', 'minitf-note', error.message))
      );
    }
  };
  const table = new Table(model, { at, chosen });
  const copied = (text: string, what: string) =>
    copy(text).then(() => {
      status.textContent = say('Copied the cells in view as %1.', what);
    });
  const row = element('div', 'minitf-buttons');
  row.append(
    button(
      say('Copy as NumPy'),
      () => copied(model.asNumPy(...both(table)), 'NumPy'),
      say('The cells in view')
    ),
    button(say('Copy as CSV'), () => copied(model.asCsv(...both(table)), 'CSV'), say('The cells in view'))
  );
  panel.append(table.node, row);
  return () => table.clear();
}

function both(table: Table): [[number, number], [number, number]] {
  const { rows, columns } = table.inView();
  return [rows, columns];
}

function player(model: TensorModel, panel: HTMLElement): () => void {
  const audio = element('audio');
  let address = '';
  audio.controls = true;
  audio.setAttribute('aria-label', say('Sound of %1', model.tensor.name || say('the array')));
  void model.sound().then(bytes => {
    address = URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' }));
    audio.src = address;
  });
  panel.append(audio);
  return () => URL.revokeObjectURL(address);
}
