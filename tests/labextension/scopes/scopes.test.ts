import { expect, test } from 'vitest';
import { isScopes, problemIn, type ScopeRow, type Scopes } from '../../../labextension/src/contract/scopes';
import { bytesInWords, ScopesModel } from '../../../labextension/src/scopes/model';
import { render } from '../../../labextension/src/scopes/view';
import sample from '../samples/scopes.json';

const SCOPES = sample as Scopes;

function shown(scopes = SCOPES) {
  const el = document.createElement('div');
  document.body.replaceChildren(el);
  const model = new ScopesModel(scopes);
  const clear = render({ model, el });
  const names = () =>
    [...el.querySelectorAll('tbody tr td:first-child')].map(cell => cell.textContent?.replace(/[▾▸]/, ''));
  const press = (key: string) =>
    el.querySelector('[tabindex="0"]')?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  return { el, model, clear, names, press };
}

test('what pytest wrote is a tree of scopes', () => {
  expect(problemIn(SCOPES)).toBeNull();
  expect(isScopes({ ...SCOPES, rows: [] })).toBe(false);
  expect(isScopes({ ...SCOPES, rows: [{ ...SCOPES.rows[0], bytes: -1 }] })).toBe(false);
  expect(problemIn({ ...SCOPES, version: 3 })).toContain('format version 3');
  expect(problemIn(7)).toContain('not a tree');
});

test('parameters and bytes are rolled up the tree', () => {
  const { el, names } = shown();
  expect(el.querySelector('figcaption strong')?.textContent).toContain('in');
  expect(names()[0]).toBe('(all)');
  expect(names()).toContain('logits');
  const row = (path: string) => SCOPES.rows.find(each => each.path === path) as ScopeRow;
  expect(row('logits').trainable).toBe(8 * 3 + 3);
  expect(row('').bytes).toBeGreaterThanOrEqual(row('logits').bytes);
});

test('rows open and close by mouse and by key', () => {
  const { el, names, press } = shown();
  const all = names().length;
  el.querySelector<HTMLElement>('tbody tr')?.click();
  expect(names()).toEqual(['(all)']);
  press('ArrowRight');
  expect(names().length).toBe(all);
  press('ArrowDown');
  expect(el.querySelector('[aria-selected=true]')?.getAttribute('aria-level')).toBe('2');
  press('ArrowLeft');
  press('ArrowLeft');
  expect(el.querySelector('[aria-selected=true]')?.getAttribute('aria-level')).toBe('1');
  press('End');
  press('Home');
  press('Enter');
  expect(names()).toEqual(['(all)']);
});

test('scopes without variables are shown on request', () => {
  const { el, names } = shown();
  expect(names()).not.toContain('loss');
  el.querySelector<HTMLInputElement>('input')?.click();
  expect(names()).toContain('loss');
});

test('names are text, and clearing leaves nothing', () => {
  const evil = { ...(SCOPES.rows[1] as ScopeRow), path: '<img src=x>', variables: 1 };
  const { el, clear } = shown({ ...SCOPES, rows: [SCOPES.rows[0] as ScopeRow, evil] });
  expect(el.querySelector('img')).toBeNull();
  expect(el.textContent).toContain('<img src=x>');
  clear();
  expect(el.childNodes.length).toBe(0);
});

test('bytes in words', () => {
  expect([12, 3100, 2e6, 5e9].map(bytesInWords)).toEqual(['12 bytes', '3.10 kB', '2.00 MB', '5.00 GB']);
});
