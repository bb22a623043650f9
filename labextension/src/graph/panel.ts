/** What is known of the chosen box: its operation, shapes, neighbours, cell and line. */

import { element } from '../elements/element';
import { say } from '../elements/words';
import { type Details, details, type Reference } from './captions';
import { tool } from './dom';
import type { GraphModel, Trace } from './model';

/** A wish that bubbles up to whoever hosts the view: show the line that made this. */
export const OPEN_ORIGIN = 'minitf-open-origin';

/** What the wish carries: `cell [3], line 5`, and its numbers, 0 where no cell made it. */
export interface Origin {
  origin: string;
  cell: number;
  line: number;
}

/** Fills `el` with what is known of the selection; called after every change. */
export function fillPanel(el: HTMLElement, model: GraphModel): void {
  if (model.selected === null) {
    el.replaceChildren();
    return;
  }
  const found = details(model.selected, model);
  const close = tool('×', say('Close (Escape)'), () => model.select(null));
  close.classList.add('minitf-close');
  const heading = element('h4', '', found.title);
  const table = element('dl');
  for (const [name, text] of found.rows) {
    row(table, name, element('span', '', text));
  }
  if (found.origin !== '') {
    row(table, say('Made in'), origin(found, el));
  }
  if (found.partner !== null) {
    row(table, found.updates ? say('Updates') : say('Gradient of'), link(found.partner, model));
  }
  listed(table, say('Inputs'), found.inputs, model);
  listed(table, say('Outputs'), found.outputs, model);
  el.replaceChildren(close, heading, traces(model), table);
}

function row(table: HTMLElement, name: string, ...content: Node[]): void {
  const value = element('dd');
  value.append(...content);
  table.append(element('dt', '', name), value);
}

function listed(table: HTMLElement, name: string, references: Reference[], model: GraphModel): void {
  if (references.length > 0) {
    row(table, name, ...references.map(reference => link(reference, model)));
  }
}

function link(reference: Reference, model: GraphModel): HTMLElement {
  const made = tool(reference.text, say('Go to %1', reference.node.name), () => {
    const box = model.hierarchy.homes[reference.node.id];
    if (box !== undefined) {
      model.reveal(box);
    }
  });
  made.className = 'minitf-link';
  return made;
}

function origin(found: Details, el: HTMLElement): HTMLElement {
  const made = tool(found.origin, say('Show %1', found.origin), () => {
    const [, cell, line] = /^cell \[(\d+)\], line (\d+)$/.exec(found.origin) ?? [];
    const detail: Origin = { origin: found.origin, cell: Number(cell ?? 0), line: Number(line ?? 0) };
    el.dispatchEvent(new CustomEvent(OPEN_ORIGIN, { bubbles: true, detail }));
  });
  made.className = 'minitf-link';
  return made;
}

function traces(model: GraphModel): HTMLElement {
  const group = element('span', 'minitf-buttons');
  const kinds: [Trace, string, string][] = [
    ['ancestors', say('Ancestors'), say('All that it depends on (a)')],
    ['descendants', say('Descendants'), say('All that depends on it (d)')]
  ];
  for (const [kind, label, title] of kinds) {
    const made = tool(label, title, () => model.trace(kind));
    made.setAttribute('aria-pressed', String(model.traces.has(kind)));
    group.append(made);
  }
  return group;
}
