/** Draws the tree of name scopes as a table whose rows open and close, with parameters and bytes rolled up. */

import type { ScopeRow } from '../contract/scopes';
import { element, textTwin } from '../elements/element';
import { inDigits, say, sayCount } from '../elements/words';
import { bytesInWords, type ScopesModel } from './model';

/** Fills `el` and returns what empties it again. */
export function render({ model, el }: { model: ScopesModel; el: HTMLElement }): () => void {
  const figure = element('figure', 'minitf-scopes');
  figure.dataset.lmSuppressShortcuts = 'true'; // keys typed here are not JupyterLab's
  const table = element('table');
  table.setAttribute('role', 'treegrid');
  table.setAttribute('aria-label', say('Name scopes'));
  const body = element('tbody');
  table.append(head(), body);
  const draw = () => {
    const hadFocus = body.contains(document.activeElement);
    body.replaceChildren(...model.visible().map(row => line(row, model)));
    if (hadFocus) {
      body.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    }
  };
  body.addEventListener('keydown', event => handleKey(event, model));
  figure.append(caption(model), table);
  if (model.scopes.omitted > 0) {
    figure.append(element('p', '', say('and %1 more', model.scopes.omitted)));
  }
  figure.append(textTwin(model.scopes.text));
  el.replaceChildren(figure);
  const stop = model.subscribe(draw);
  draw();
  return () => {
    stop();
    figure.remove();
  };
}

function caption(model: ScopesModel): HTMLElement {
  const all = model.rows[0] as ScopeRow;
  const made = element('figcaption');
  const trained = all.trainable === all.parameters ? '' : say(' (%1 trained)', inDigits(all.trainable));
  const variables = sayCount(' in %n variable', ' in %n variables', all.variables);
  const parameters = `${sayCount('%n parameter', '%n parameters', all.parameters)}${trained}${variables}`;
  const unknown =
    all.unknown === 0
      ? ''
      : sayCount(
          '; %n variable of unknown shape not counted',
          '; %n variables of unknown shape not counted',
          all.unknown
        );
  const label = element('label');
  const box = element('input');
  box.type = 'checkbox';
  box.checked = model.showsAll;
  box.addEventListener('change', () => model.showAll(box.checked));
  label.append(box, say('also scopes without variables'));
  made.append(element('strong', '', `${parameters}, ${bytesInWords(all.bytes)}${unknown}`), label);
  return made;
}

function head(): HTMLElement {
  const row = element('tr');
  for (const name of [say('Scope'), say('Shape'), say('Parameters'), say('Bytes'), say('Operations')]) {
    const cell = element('th', '', name);
    cell.scope = 'col';
    row.append(cell);
  }
  const made = element('thead');
  made.append(row);
  return made;
}

function line(row: ScopeRow, model: ScopesModel): HTMLElement {
  const made = element('tr');
  const level = model.levelOf(row);
  const holds = model.childrenOf(row).length > 0;
  made.setAttribute('aria-level', String(level));
  made.setAttribute('aria-selected', String(model.current === row));
  made.tabIndex = model.current === row ? 0 : -1;
  if (holds) {
    made.setAttribute('aria-expanded', String(model.isOpen(row)));
  }
  const name = element('td', row.dtype === '' ? 'minitf-scope' : 'minitf-variable-name');
  name.style.paddingLeft = `${4 + 16 * (level - 1)}px`;
  name.append(element('span', 'minitf-fold', holds ? (model.isOpen(row) ? '▾' : '▸') : ''));
  name.append(row.path.slice(row.path.lastIndexOf('/') + 1) || say('(all)'));
  const share = row.parameters / Math.max(1, model.rows[0]?.parameters ?? 1);
  const parameters = element('td', 'minitf-number', row.parameters.toLocaleString('en'));
  parameters.style.setProperty('--minitf-share', `${(100 * share).toFixed(1)}%`);
  made.append(
    name,
    element('td', '', row.dtype === '' ? '' : `${row.dtype} ${row.shape || say('scalar')}`),
    parameters,
    element('td', 'minitf-number', bytesInWords(row.bytes)),
    element('td', 'minitf-number', row.operations.toLocaleString('en'))
  );
  made.addEventListener('click', () => {
    model.current = row;
    model.toggle(row);
  });
  return made;
}

/** As in every tree: see the ARIA Authoring Practices for tree grids. */
function handleKey(event: KeyboardEvent, model: ScopesModel): void {
  const rows = model.visible();
  const place = rows.indexOf(model.current);
  const go = (row: ScopeRow | undefined) => row !== undefined && model.choose(row);
  const parent = rows.slice(0, place).findLast(row => model.levelOf(row) < model.levelOf(model.current));
  const acts: Record<string, () => void> = {
    ArrowDown: () => go(rows[place + 1]),
    ArrowUp: () => go(rows[place - 1]),
    Home: () => go(rows[0]),
    End: () => go(rows.at(-1)),
    ArrowRight: () => (model.isOpen(model.current) ? go(rows[place + 1]) : model.toggle(model.current, true)),
    ArrowLeft: () => (model.isOpen(model.current) ? model.toggle(model.current, false) : go(parent)),
    Enter: () => model.toggle(model.current)
  };
  const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined;
  if (act !== undefined) {
    event.preventDefault();
    act();
  }
}
