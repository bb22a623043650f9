import { expect, test, vi } from 'vitest';
import { isWorkspace, problemIn, type Workspace } from '../../../labextension/src/contract/workspace';
import { WorkspaceModel } from '../../../labextension/src/workspace/model';
import { render } from '../../../labextension/src/workspace/view';
import { sample } from '../samples';
import { variable, workspace } from './sample';

const actions = { showGraph: vi.fn(), refresh: vi.fn(), showVariable: vi.fn(), select: vi.fn() };

function panel() {
  const model = new WorkspaceModel();
  const el = document.createElement('div');
  const clear = render({ model, el }, actions);
  return { model, el, clear };
}

test('the workspace that Python writes is read', () => {
  const written = sample<Workspace>('workspace');
  expect(problemIn(written)).toBeNull();
  expect(written.variables.some(each => each.lost > 0)).toBe(true);
  expect(written.curves[0]?.values).toContain(null);
});

test('a workspace is recognized, and what is wrong with others is said', () => {
  expect(isWorkspace(workspace())).toBe(true);
  expect(problemIn({ ...workspace(), version: 9 })).toContain('version 9');
  expect(problemIn({ ...workspace(), variables: [{ name: 1 }] })).toContain('list of variables');
  expect(problemIn({ ...workspace(), session: null })).toContain('session');
  expect(problemIn({ ...workspace(), curves: [{ name: 'loss' }] })).toContain('curve');
  expect(problemIn({ ...workspace(), newest: [1] })).toContain('operations');
  expect(problemIn('graph')).toBe('This is not a minitf workspace.');
});

test('variables stand by name scope, trained ones apart', () => {
  const model = new WorkspaceModel();
  const names = ['a/w', 'a/b', 'top'].map(name => variable({ name }));
  model.show('x.ipynb', workspace([...names, variable({ name: 'step', trainable: false })]));
  expect(model.groups(true).map(group => [group.scope, group.variables.length, group.parameters])).toEqual([
    ['a', 2, 12],
    ['', 1, 6]
  ]);
  expect(model.groups(false).map(group => group.variables[0]?.name)).toEqual(['step']);
  model.search(' TOP');
  expect(model.groups(true).map(group => group.scope)).toEqual(['']);
});

test('the headline counts', () => {
  const model = new WorkspaceModel();
  model.show('x.ipynb', workspace([variable({ parameters: 2410, bytes: 9640 })]));
  expect(model.headline()).toBe('12 operations · 1 variable · 2,410 parameters (9.64 kB)');
});

test('the view says why there is nothing, then shows what there is', () => {
  const { model, el } = panel();
  expect(el.textContent).toContain('Open a notebook');
  model.show('x.ipynb', 'not-imported');
  expect(el.textContent).toContain('import minitf as tf');
  model.show('x.ipynb', workspace([variable({ lost: 3 }), variable({ name: 'b', state: 'uninitialized' })]));
  expect(el.querySelector('h2')?.textContent).toBe('x.ipynb');
  expect(el.querySelector('.minitf-workspace-lost')?.textContent).toBe('3 NaN or infinite');
  expect(el.textContent).toContain('not initialized');
});

test('names are text, never markup', () => {
  const { model, el } = panel();
  const name = '<img src=x onerror="window.hijacked = true">';
  model.show(name, workspace([variable({ name, summary: name })]));
  expect(el.querySelector('img')).toBeNull();
  expect(el.textContent).toContain(name);
});

test('what the user opened stays open when values change', () => {
  const { model, el } = panel();
  const slots = [variable({ name: 'w/Adam', trainable: false })];
  model.show('x.ipynb', workspace(slots));
  const rest = () =>
    [...el.querySelectorAll('details')].find(part =>
      part.textContent?.startsWith('Not trained')
    ) as HTMLDetailsElement;
  expect(rest().open).toBe(false);
  rest().open = true;
  model.show('x.ipynb', workspace(slots));
  expect(rest().open).toBe(true);
});

test('a training is a line that breaks where a value is lost', () => {
  const { model, el } = panel();
  model.show('x.ipynb', workspace());
  const curve = el.querySelector('.minitf-sparkline');
  expect(curve?.getAttribute('aria-label')).toBe('loss is 0.5 at step 20');
  expect(curve?.querySelector('path')?.getAttribute('d')).toBe('M1.0 2.0M119.0 26.0');
  expect(el.textContent).toContain('20 of 100 steps');
});

test('a button keeps the focus when values change', () => {
  const { model, el } = panel();
  document.body.append(el);
  model.show('x.ipynb', workspace());
  el.querySelector<HTMLElement>('[data-key="values dense/kernel"]')?.focus();
  model.show('x.ipynb', workspace([variable({ summary: '0 … 9, mean 4' })]));
  expect(document.activeElement?.textContent).toContain('0 … 9, mean 4');
  el.remove();
});

test('buttons act, and clearing empties', () => {
  const { model, el, clear } = panel();
  model.show('x.ipynb', workspace());
  for (const button of el.querySelectorAll('button')) {
    button.click();
  }
  expect(actions.showGraph).toHaveBeenCalledOnce();
  expect(actions.refresh).toHaveBeenCalledOnce();
  expect(actions.showVariable).toHaveBeenCalledWith('dense/kernel');
  expect(actions.select.mock.calls.flat()).toEqual(['dense/kernel', 'dense', 'dense/BiasAdd']);
  clear();
  expect(el.childElementCount).toBe(0);
  model.show('x.ipynb', 'busy');
  expect(el.childElementCount).toBe(0);
});
