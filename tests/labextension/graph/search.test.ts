import { expect, test } from 'vitest';
import { parse } from '../../../labextension/src/graph/search';
import { LAYER, nodes } from '../sample';

function found(query: string): string[] {
  const test = parse(query);
  return nodes(LAYER)
    .filter(node => test?.(node))
    .map(node => node.name);
}

test.each([
  ['matmul', ['dense/MatMul']],
  ['^loss$', ['loss']],
  ['op:VariableV2 OR op:Placeholder', ['x', 'dense/kernel']],
  ['dense AND op:Relu', ['dense/Relu']],
  ['dense relu OR init', ['dense/Relu', 'init']],
  ['name:kernel NOT op:Const', ['dense/kernel', 'dense/kernel/Assign']],
  ['attr:transpose', ['dense/MatMul']],
  ['shape:\\(\\)', ['loss']],
  ['cell:\\[5\\]', ['dense/Relu', 'loss', 'init']],
  ['role:auxiliary', ['init']],
  ['nothing', []],
  [
    '(',
    ['x', 'dense/kernel', 'dense/kernel/zeros', 'dense/kernel/Assign', 'dense/MatMul', 'dense/Relu', 'loss']
  ]
])('search with regex and AND/OR: %s', (query, names) => {
  expect(found(query)).toEqual(names);
});

test('an empty search asks nothing', () => {
  expect(parse('  ')).toBeNull();
});
