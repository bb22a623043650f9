/** Draws the workspace of the notebook that is in front: graph, session, variables with their values. */
import type { WorkspaceVariable } from '../contract/workspace';
import { button, element } from '../elements/element';
import { type Absence, count, type Group, type WorkspaceModel } from './model';

export interface Actions {
  showGraph(): void;
  refresh(): void;
}

/** Translates a sentence. */
export type Say = (sentence: string) => string;

const ABSENCES: Record<Absence, string> = {
  'no-notebook': 'Open a notebook: its graph, session and variables appear here.',
  'no-kernel': 'This notebook has no kernel yet. Run a cell to start one.',
  'not-imported': 'This notebook has not imported minitf yet: import minitf as tf',
  busy: 'A cell is running. Its graph and variables appear when it is done.',
  failed: 'The kernel could not describe its graph.'
};

/** Fills `el` and keeps it up to date; returns what empties it. */
export function render(
  { model, el }: { model: WorkspaceModel; el: HTMLElement },
  actions: Actions,
  say: Say
): () => void {
  const head = element('header', 'minitf-workspace-head');
  const filter = element('input', 'minitf-workspace-filter');
  filter.type = 'search';
  filter.placeholder = say('Filter variables');
  filter.setAttribute('aria-label', say('Filter variables'));
  filter.addEventListener('input', () => model.search(filter.value));
  const list = element('div', 'minitf-workspace-list');
  const rest = element('details', 'minitf-workspace-rest'); // keeps what the user opened over all changes
  el.classList.add('minitf-workspace');
  el.replaceChildren(head, filter, list);

  const draw = () => {
    filter.hidden = (model.workspace?.variables.length ?? 0) < 6 && model.filter === '';
    head.replaceChildren(...headOf(model, actions, say));
    const others = model.groups(false);
    rest.hidden = others.length === 0;
    list.replaceChildren(...model.groups(true).map(group => groupOf(group, say)), rest);
    const number = others.reduce((sum, { variables }) => sum + variables.length, 0);
    const title = element('summary', '', `${say('Not trained')} (${count(number, 'variable')})`);
    rest.replaceChildren(title, ...others.map(group => groupOf(group, say)));
  };
  const stop = model.onChange(draw);
  draw();
  return () => {
    stop();
    el.replaceChildren();
  };
}

function headOf(model: WorkspaceModel, actions: Actions, say: Say): HTMLElement[] {
  if (model.workspace === null) {
    return [element('p', 'minitf-workspace-absence', say(ABSENCES[model.absence]))];
  }
  const session = model.workspace.session;
  const state =
    session === ''
      ? say('No open session: variables have no values.')
      : `${say('Values of session')} ${session}`;
  const buttons = element('div', 'minitf-workspace-buttons');
  buttons.append(button(say('Show graph'), actions.showGraph), button(say('Refresh'), actions.refresh));
  return [
    element('h2', 'minitf-workspace-notebook', model.notebook),
    element('p', 'minitf-workspace-headline', model.headline()),
    element('p', 'minitf-workspace-session', state),
    buttons
  ];
}

function groupOf({ scope, variables, parameters }: Group, say: Say): HTMLElement {
  const group = element('details', 'minitf-workspace-group');
  group.open = true;
  const title = element('summary');
  title.append(
    element('span', 'minitf-workspace-scope', scope === '' ? say('(top)') : `${scope}/`),
    element('span', 'minitf-workspace-count', count(parameters, 'parameter'))
  );
  const rows = element('ul');
  rows.append(...variables.map(variable => rowOf(variable, say)));
  group.append(title, rows);
  return group;
}

function rowOf(variable: WorkspaceVariable, say: Say): HTMLElement {
  const row = element('li', 'minitf-workspace-variable');
  row.title = variable.name;
  const name = element(
    'span',
    'minitf-workspace-name',
    variable.name.slice(variable.name.lastIndexOf('/') + 1)
  );
  const type = element('span', 'minitf-workspace-type', `${variable.dtype} ${variable.shape}`);
  row.append(
    name,
    type,
    element('span', `minitf-workspace-value minitf-${variable.state}`, describe(variable, say))
  );
  if (variable.lost > 0) {
    row.append(
      element('strong', 'minitf-workspace-lost', `${variable.lost.toLocaleString('en')} NaN or infinite`)
    );
  }
  return row;
}

function describe({ state, summary }: WorkspaceVariable, say: Say): string {
  switch (state) {
    case 'none':
      return '';
    case 'uninitialized':
      return say('not initialized');
    case 'large':
      return say('large: tf.show looks inside');
    case 'ready':
      return summary;
  }
}
