/** Draws the workspace of the notebook that is in front: graph, session, curves, variables with their values. */
import type { WorkspaceCurve, WorkspaceVariable } from '../contract/workspace';
import { button, element } from '../elements/element';
import { sparkline } from '../elements/sparkline';
import { inDigits, say, sayCount } from '../elements/words';
import { type Absence, type Group, parameters, type WorkspaceModel } from './model';

export interface Actions {
  showGraph(): void;
  refresh(): void;
  /** Opens the values of the variable of this name. */
  showVariable(name: string): void;
  /** Chooses the operation or the name scope in the graph. */
  select(name: string): void;
}

function inWords(absence: Absence): string {
  switch (absence) {
    case 'no-notebook':
      return say('Open a notebook: its graph, session and variables appear here.');
    case 'no-kernel':
      return say('This notebook has no kernel yet. Run a cell to start one.');
    case 'not-imported':
      return say('This notebook has not imported minitf yet: import minitf as tf');
    case 'busy':
      return say('A cell is running. Its graph and variables appear when it is done.');
    case 'failed':
      return say('The kernel could not describe its graph.');
  }
}

/** Fills `el` and keeps it up to date; returns what empties it. */
export function render(
  { model, el }: { model: WorkspaceModel; el: HTMLElement },
  actions: Actions
): () => void {
  const head = element('header', 'minitf-workspace-head');
  const filter = element('input', 'minitf-workspace-filter');
  filter.type = 'search';
  filter.placeholder = say('Filter variables');
  filter.setAttribute('aria-label', say('Filter variables'));
  filter.addEventListener('input', () => model.search(filter.value));
  const parts = [
    new Part(say('Training'), true),
    new Part(say('Variables'), true),
    new Part(say('Not trained'), false),
    new Part(say('Name scopes'), false),
    new Part(say('Newest operations'), false)
  ] as const;
  const [training, trained, others, scopes, operations] = parts;
  el.classList.add('minitf-workspace');
  el.replaceChildren(head, training.node, filter, ...parts.slice(1).map(part => part.node));

  const draw = () => {
    const { workspace } = model;
    filter.hidden = (workspace?.variables.length ?? 0) < 6 && model.filter === '';
    keepFocus(el, () => {
      head.replaceChildren(...headOf(model, actions));
      training.fill((workspace?.curves ?? []).map(curveOf), workspace?.progress ?? '');
      trained.fill(...listOf(model.groups(true), actions));
      others.fill(...listOf(model.groups(false), actions));
      scopes.fill(
        (workspace?.scopes ?? []).map(({ name, operations: count }) =>
          row(name, `${name}/`, sayCount('%n operation', '%n operations', count), () => actions.select(name))
        )
      );
      operations.fill(
        (workspace?.newest ?? []).map(({ name, type, origin }) =>
          row(name, name, `${type}, ${origin}`, () => actions.select(name))
        )
      );
    });
  };
  const stop = model.onChange(draw);
  draw();
  return () => {
    stop();
    el.replaceChildren();
  };
}

/** A part of the panel that folds, keeps what the user did with it over all changes, and hides while it is empty. */
class Part {
  readonly node = element('details', 'minitf-workspace-part');
  private readonly note = element('span', 'minitf-workspace-count');
  private readonly holder = element('div');

  constructor(title: string, isOpen: boolean) {
    const summary = element('summary');
    summary.append(element('span', 'minitf-workspace-title', title), this.note);
    this.node.open = isOpen;
    this.node.append(summary, this.holder);
  }

  fill(content: HTMLElement[], note = ''): void {
    this.node.hidden = content.length === 0 && note === '';
    this.note.textContent = note;
    this.holder.replaceChildren(...content);
  }
}

/** Draws anew, and gives the focus back to what had it. */
function keepFocus(el: HTMLElement, draw: () => void): void {
  const focused = el.contains(document.activeElement) ? document.activeElement : null;
  const key = focused instanceof HTMLElement ? focused.dataset.key : undefined;
  draw();
  if (key !== undefined) {
    [...el.querySelectorAll<HTMLElement>('[data-key]')].find(each => each.dataset.key === key)?.focus();
  }
}

function keyed<T extends HTMLElement>(made: T, key: string): T {
  made.dataset.key = key;
  return made;
}

function headOf(model: WorkspaceModel, actions: Actions): HTMLElement[] {
  if (model.workspace === null) {
    return [element('p', 'minitf-workspace-absence', inWords(model.absence))];
  }
  const { session } = model.workspace;
  const state =
    session === '' ? say('No open session: variables have no values.') : say('Values of session %1', session);
  const buttons = element('div', 'minitf-buttons');
  buttons.append(
    keyed(button(say('Show graph'), actions.showGraph), 'show-graph'),
    keyed(button(say('Refresh'), actions.refresh), 'refresh')
  );
  const running = element('p', 'minitf-workspace-running', model.isRunning ? say('A cell is running.') : '');
  return [
    element('h2', 'minitf-workspace-notebook', model.notebook),
    element('p', 'minitf-workspace-headline', model.headline()),
    element('p', 'minitf-workspace-session', state),
    running,
    buttons
  ];
}

function curveOf({ name, step, last, steps, values }: WorkspaceCurve): HTMLElement {
  const made = element('div', 'minitf-workspace-curve');
  const words = say('%1 is %2 at step %3', name, last, inDigits(step));
  made.append(
    element('span', 'minitf-workspace-name', name),
    sparkline(steps, values, words),
    element('span', 'minitf-workspace-value', last)
  );
  made.title = words;
  return made;
}

function listOf(groups: Group[], actions: Actions): [HTMLElement[], string] {
  const all = groups.reduce((sum, group) => sum + group.variables.length, 0);
  const note = all === 0 ? '' : sayCount('%n variable', '%n variables', all);
  return [groups.map(group => groupOf(group, actions)), note];
}

function groupOf(group: Group, actions: Actions): HTMLElement {
  const made = element('section', 'minitf-workspace-group');
  const title = element('h3');
  title.append(
    element('span', 'minitf-workspace-scope', group.scope === '' ? say('(top)') : `${group.scope}/`),
    element('span', 'minitf-workspace-count', parameters(group.parameters))
  );
  const rows = element('ul');
  rows.append(...group.variables.map(variable => rowOf(variable, actions)));
  made.append(title, rows);
  return made;
}

function row(key: string, name: string, note: string, press: () => void): HTMLElement {
  const made = element('button', 'minitf-workspace-row');
  made.type = 'button';
  made.title = say('Show %1 in the graph', key);
  made.append(element('span', 'minitf-workspace-name', name), element('span', 'minitf-workspace-type', note));
  made.addEventListener('click', press);
  return keyed(made, `row ${key}`);
}

function rowOf(variable: WorkspaceVariable, actions: Actions): HTMLElement {
  const made = element('li', 'minitf-workspace-variable');
  const open = element('button', 'minitf-workspace-row');
  open.type = 'button';
  open.title = say('Show the values of %1', variable.name);
  open.append(
    element('span', 'minitf-workspace-name', variable.name.slice(variable.name.lastIndexOf('/') + 1)),
    element('span', 'minitf-workspace-type', `${variable.dtype} ${variable.shape}`),
    element('span', `minitf-workspace-value minitf-${variable.state}`, describe(variable))
  );
  if (variable.lost > 0) {
    const lost = say('%1 NaN or infinite', inDigits(variable.lost));
    open.append(element('strong', 'minitf-workspace-lost', lost));
  }
  open.addEventListener('click', () => actions.showVariable(variable.name));
  const place = element('button', 'minitf-workspace-place', '→');
  place.type = 'button';
  place.title = say('Show %1 in the graph', variable.name);
  place.setAttribute('aria-label', place.title);
  place.addEventListener('click', () => actions.select(variable.name));
  made.append(keyed(open, `values ${variable.name}`), keyed(place, `place ${variable.name}`));
  return made;
}

function describe({ state, summary }: WorkspaceVariable): string {
  switch (state) {
    case 'none':
      return '';
    case 'uninitialized':
      return say('not initialized');
    case 'large':
      return say('large: choose it to look inside');
    case 'ready':
      return summary;
  }
}
