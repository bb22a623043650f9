import { expect, test, vi } from 'vitest';
import { isWorkspace, problemIn } from '../../../labextension/src/contract/workspace';
import { WorkspaceModel } from '../../../labextension/src/workspace/model';
import { render } from '../../../labextension/src/workspace/view';
import { variable, workspace } from './sample';

const say = (sentence: string) => sentence;
const actions = { showGraph: vi.fn(), refresh: vi.fn() };

function panel() {
  const model = new WorkspaceModel();
  const el = document.createElement('div');
  const clear = render({ model, el }, actions, say);
  return { model, el, clear };
}

test('a workspace is recognized, and what is wrong with others is said', () => {
  expect(isWorkspace(workspace())).toBe(true);
  expect(problemIn({ ...workspace(), version: 9 })).toContain('version 9');
  expect(problemIn({ ...workspace(), variables: [{ name: 1 }] })).toContain('list of variables');
  expect(problemIn({ ...workspace(), session: null })).toContain('session');
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
  const rest = () => el.querySelector<HTMLDetailsElement>('.minitf-workspace-rest') as HTMLDetailsElement;
  expect(rest().open).toBe(false);
  rest().open = true;
  model.show('x.ipynb', workspace(slots));
  expect(rest().open).toBe(true);
});

test('buttons act, and clearing empties', () => {
  const { model, el, clear } = panel();
  model.show('x.ipynb', workspace());
  for (const button of el.querySelectorAll('button')) {
    button.click();
  }
  expect(actions.showGraph).toHaveBeenCalledOnce();
  expect(actions.refresh).toHaveBeenCalledOnce();
  clear();
  expect(el.childElementCount).toBe(0);
  model.show('x.ipynb', 'busy');
  expect(el.childElementCount).toBe(0);
});
