/** The row of tools above a picture. It reads the model and tells it what the reader wants. */

import type { Role } from '../contract/columns';
import { element } from '../elements/element';
import { say } from '../elements/words';
import { COLOURINGS, type ColourBy } from './colours';
import { tool } from './dom';
import type { GraphModel } from './model';

export interface Actions {
  fit(): void;
  overview(): void;
  zoom(factor: number): void;
  turn(): void;
  /** `onPaper`: in light colours, whatever the theme. */
  save(kind: 'svg' | 'png' | 'html', onPaper: boolean): void;
  next(step: number): void;
}

export interface Toolbar {
  element: HTMLElement;
  focusSearch(): void;
  /** Shows what the model says now. */
  update(): void;
}

const LAYERS: [Role, () => string][] = [
  ['forward', () => say('forward')],
  ['backward', () => say('gradients')],
  ['update', () => say('optimizer')],
  ['auxiliary', () => say('init, save, summaries')]
];

export function toolbar(model: GraphModel, actions: Actions): Toolbar {
  const row = element('div', 'minitf-tools');
  row.setAttribute('role', 'toolbar');
  row.setAttribute('aria-label', say('Graph tools'));
  const search = searchField(model, actions);
  const layers = layerSwitches(model);
  const colours = colourChoice(model);
  const stale = staleSwitch(model);
  row.append(
    search.element,
    layers.element,
    colours.element,
    stale.element,
    cameraButtons(model, actions),
    exports(actions)
  );
  const update = () => {
    search.update();
    layers.update();
    colours.update();
    stale.update();
  };
  update();
  return { element: row, focusSearch: () => search.focus(), update };
}

function searchField(model: GraphModel, actions: Actions) {
  const group = element('span', 'minitf-search');
  const input = element('input');
  input.type = 'search';
  input.placeholder = say('Search: MatMul OR name:loss');
  input.title = say(
    'Regular expressions over name, op, attributes and shape; AND, OR, NOT; name: op: attr: shape: cell: (/)'
  );
  input.setAttribute('aria-label', say('Search the graph'));
  const count = element('span', 'minitf-search-count');
  count.setAttribute('role', 'status');
  input.addEventListener('input', () => model.search(input.value));
  input.addEventListener('keydown', event => {
    if (event.key === 'Enter') {
      event.preventDefault();
      actions.next(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') {
      input.value = '';
      model.search('');
    }
  });
  group.append(input, count);
  const update = () => {
    if (document.activeElement !== input) {
      input.value = model.query;
    }
    count.textContent = model.query === '' ? '' : say('%1 found', model.found.length);
  };
  return { element: group, update, focus: () => input.focus() };
}

function layerSwitches(model: GraphModel) {
  const group = element('span', 'minitf-layers');
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', say('Layers'));
  const present = new Set(model.root.nodes.map(node => node.role));
  const boxes = LAYERS.filter(([role]) => present.has(role)).map(([role, name]) => {
    const label = element('label');
    const box = element('input');
    box.type = 'checkbox';
    box.addEventListener('change', () => model.setLayer(role, box.checked));
    label.append(box, name());
    return { role, box, label };
  });
  if (boxes.length > 1) {
    group.append(...boxes.map(({ label }) => label));
  }
  const update = () => {
    for (const { role, box } of boxes) {
      box.checked = model.state.layers[role];
    }
  };
  return { element: group, update };
}

function colourChoice(model: GraphModel) {
  const label = element('label', 'minitf-colour', `${say('Colour')} `);
  const select = element('select');
  const known: Partial<Record<ColourBy, boolean>> = {
    time: model.facts.costs.size > 0,
    memory: model.facts.costs.size > 0,
    change: model.facts.changes.size > 0,
    cell: model.nodes.some(node => node.cell !== 0)
  };
  for (const [value, text] of COLOURINGS) {
    if (known[value] !== false) {
      const option = element('option', '', text());
      option.value = value;
      select.append(option);
    }
  }
  select.addEventListener('change', () => model.colour(select.value as ColourBy));
  label.append(select);
  const update = () => {
    select.value = model.state.colourBy;
  };
  return { element: label, update };
}

function staleSwitch(model: GraphModel) {
  const group = element('span');
  const label = element('label', 'minitf-stale-switch');
  const box = element('input');
  box.type = 'checkbox';
  box.addEventListener('change', () => model.hideStale(box.checked));
  label.append(box, say('hide %1 stale', model.stale.size));
  if (model.stale.size > 0) {
    group.append(label);
  }
  const update = () => {
    box.checked = model.state.hidesStale;
  };
  return { element: group, update };
}

function cameraButtons(model: GraphModel, actions: Actions): HTMLElement {
  const group = element('span', 'minitf-buttons');
  group.append(
    tool('−', say('Zoom out (-)'), () => actions.zoom(1 / 1.25)),
    tool('+', say('Zoom in (+)'), () => actions.zoom(1.25)),
    tool(say('Fit'), say('Show the whole picture (0)'), actions.overview),
    tool(say('Read'), say('As large as can be read (9)'), actions.fit),
    tool('⟳', say('Turn: downwards or to the right (r)'), actions.turn),
    tool(say('Open'), say('Open name scopes (o)'), () => model.openAll()),
    tool(say('Close'), say('Close all name scopes (c)'), () => model.closeAll())
  );
  return group;
}

function exports(actions: Actions): HTMLElement {
  const group = element('span', 'minitf-buttons');
  for (const kind of ['svg', 'png', 'html'] as const) {
    const name = kind.toUpperCase();
    const made = tool(name, say('Save the picture as %1 (with Shift: in light colours)', name), () => {});
    made.addEventListener('click', event => actions.save(kind, event.shiftKey));
    group.append(made);
  }
  return group;
}
