/** Every sentence goes through the translator: with one that marks what it was given, nothing else may speak. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Workspace } from '../../../labextension/src/contract/workspace';
import { say, sayCount, translateBy } from '../../../labextension/src/elements/words';
import { drawAny } from '../../../labextension/src/lab/formats';
import { WorkspaceModel } from '../../../labextension/src/workspace/model';
import { render } from '../../../labextension/src/workspace/view';
import { sample } from '../samples';

const marking = {
  gettext: (sentence: string, ...values: string[]) =>
    `«${sentence.replace(/%(\d)/g, (_, digit) => `»${values[Number(digit) - 1]}«`)}»`,
  ngettext: (one: string, many: string, count: number) =>
    `«${(count === 1 ? one : many).replace(/%(\w+)/g, '»%$1«')}»`
};

beforeEach(() => translateBy(marking));
afterEach(() => translateBy(null));

/** Words that a reader meets in `el` and that did not come through the translator. */
function unmarked(el: Element): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node instanceof Element) {
      for (const name of ['title', 'aria-label', 'placeholder']) {
        found.push(node.getAttribute(name) ?? '');
      }
    } else if (node.parentElement?.closest('pre, code, .minitf-twin pre') === null) {
      found.push(node.textContent ?? '');
    }
  }
  return [
    ...new Set(found.map(text => text.replace(/«[^»]*»/g, ' ')).flatMap(text => text.split(/[\s,:;()[\]]+/)))
  ];
}

/** What stands in the data, which no translator knows: names, types, roles, attributes, and what Python says. */
function dataIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') {
    value.split(/[\s,:;()[\]/]+/).forEach(word => void found.add(word));
    found.add(value);
  } else if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(each => void dataIn(each, found));
  }
  return found;
}

// Symbols and names that are the same everywhere.
const SAME = /^([^a-z]*|SVG|PNG|HTML|NaN|Inf|[kMGT]?B|bytes|kB|s|min|h|std|e[+-]\d+|steps\/s)$/i;

function strangers(el: Element, data: unknown): string[] {
  const known = dataIn(data);
  return unmarked(el).filter(word => {
    const parts = word.split('/').filter(part => part !== '');
    return !SAME.test(word) && !known.has(word) && !parts.every(part => known.has(part) || SAME.test(part));
  });
}

test.each([
  'network',
  'scopes',
  'tensor',
  'tensor_of_strings',
  'training',
  'progress',
  'checkpoint',
  'rehearsal'
])('all that the view of %s says', name => {
  const el = document.createElement('div');
  const data = sample<unknown>(name);
  drawAny(data, el);
  expect(el.textContent).toContain('«');
  for (const scope of el.querySelectorAll<HTMLElement>('[role=treeitem]')) {
    scope.dispatchEvent(new MouseEvent('click', { bubbles: true })); // what the panel tells of each box
    expect(strangers(el, data)).toEqual([]);
  }
  for (const tab of el.querySelectorAll<HTMLElement>('[role=tab]')) {
    tab.click();
    expect(strangers(el, data)).toEqual([]);
  }
  expect(strangers(el, data)).toEqual([]);
});

test('all that the side panel says', () => {
  const model = new WorkspaceModel();
  const el = document.createElement('div');
  const nothing = () => {};
  render({ model, el }, { showGraph: nothing, refresh: nothing, showVariable: nothing, select: nothing });
  expect(strangers(el, {})).toEqual([]);
  const workspace = sample<Workspace>('workspace');
  model.show('x.ipynb', workspace);
  model.running(true);
  expect(strangers(el, [workspace, 'x.ipynb', 'bytes'])).toEqual([]);
});

test('without a translator the views speak English', () => {
  translateBy(null);
  expect(say('%1 of %2', 1, 'b')).toBe('1 of b');
  expect([1, 1200].map(count => sayCount('%n step', '%n steps', count))).toEqual(['1 step', '1,200 steps']);
});
