import { expect, test } from 'vitest';
import { type Box, hierarchyOf } from '../../../labextension/src/graph/hierarchy';
import { LAYER, nodes, type Some } from '../sample';

function childrenOf(all: Some[], id = ''): string[] {
  return (
    hierarchyOf(nodes(all))
      .boxes.get(id)
      ?.children.map(child => child.id) ?? []
  );
}

const layers = (count: number, op: (i: number) => string): Some[] =>
  Array.from({ length: count }, (_, i) => [
    { name: `layer_${i}/MatMul`, op: 'MatMul', inputs: [i === 0 ? 'x' : `layer_${i - 1}/act`] },
    { name: `layer_${i}/act`, op: op(i), inputs: [`layer_${i}/MatMul`] }
  ]).flat();

test('collapsible name scopes: each scope is a box that holds its operations', () => {
  expect(childrenOf(LAYER)).toEqual(['x', 'dense/', 'loss', 'init']);
  expect(childrenOf(LAYER, 'dense/')).toEqual(['dense/kernel/', 'dense/MatMul', 'dense/Relu']);
  const { boxes, homes } = hierarchyOf(nodes(LAYER));
  expect(boxes.get('dense/')?.nodes.length).toBe(5);
  expect(homes[4]?.id).toBe('dense/MatMul');
});

test('a variable is one box with its initial value, whose main operation it is', () => {
  const kernel = hierarchyOf(nodes(LAYER)).boxes.get('dense/kernel/') as Box;
  expect(kernel).toMatchObject({ kind: 'variable', main: { name: 'dense/kernel' } });
  expect(kernel.children.map(child => child.label)).toEqual(['kernel', 'zeros', 'Assign']);
});

test('series collapse: siblings of equal structure are one box', () => {
  const { boxes } = hierarchyOf(nodes([{ name: 'x' }, ...layers(5, () => 'Relu')]));
  expect(boxes.get('')?.children.map(child => child.id)).toEqual(['x', 'layer_*']);
  expect(boxes.get('layer_*')).toMatchObject({ kind: 'series', label: 'layer_*' });
  expect(boxes.get('layer_*')?.children.length).toBe(5);
});

test('series collapse: one that differs inside stays apart', () => {
  const all = [{ name: 'x' }, ...layers(6, i => (i === 3 ? 'Tanh' : 'Relu'))];
  expect(childrenOf(all)).toEqual(['x', 'layer_*', 'layer_3/']);
});

test('series collapse: equal operations that are wired differently are not alike', () => {
  const unit = (i: number, crossed: boolean): Some[] => [
    { name: `u_${i}/a` },
    { name: `u_${i}/b` },
    { name: `u_${i}/sub`, op: 'Sub', inputs: crossed ? [`u_${i}/b`, `u_${i}/a`] : [`u_${i}/a`, `u_${i}/b`] }
  ];
  const all = [0, 1, 2, 3, 4].flatMap(i => unit(i, i === 4));
  expect(childrenOf([...all, { name: 'end' }])).toEqual(['u_*', 'u_4/', 'end']);
});

test('two of a kind are no series, and unrelated operations of one name neither', () => {
  expect(childrenOf([{ name: 'x' }, ...layers(2, () => 'Relu')])).toEqual(['x', 'layer_0/', 'layer_1/']);
  const mixed = ['Add', 'Mul', 'Sub', 'Neg'].map((op, i) => ({ name: `x_${i}`, op }));
  expect(childrenOf(mixed)).toEqual(['x_0', 'x_1', 'x_2', 'x_3']);
});

test('what only trains is a training box', () => {
  const { boxes } = hierarchyOf(nodes([{ name: 'x' }, { name: 'gradients/a', role: 'backward' }]));
  expect(boxes.get('gradients/')?.kind).toBe('training');
});
