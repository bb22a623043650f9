import { expect, test, vi } from 'vitest';
import { asText, details, subtitle, summary } from '../../../labextension/src/graph/captions';
import type { Box } from '../../../labextension/src/graph/hierarchy';
import { GraphModel } from '../../../labextension/src/graph/model';
import { EMPTY, LAYER, model, networkModel, nodes } from '../sample';

const box = (of: GraphModel, id: string) => of.hierarchy.boxes.get(id) as Box;
const leaves = (of: GraphModel) => of.scene.leaves.map(leaf => leaf.id);
const edges = (of: GraphModel) => of.scene.edges.map(edge => `${edge.source.id} > ${edge.target.id}`);

test('collapsible name scopes: what is closed is one box, and lines are lifted to it', () => {
  const shown = model(LAYER);
  expect(leaves(shown)).toEqual(['x', 'dense/kernel/', 'dense/MatMul', 'dense/Relu', 'loss']);
  shown.toggle(box(shown, 'dense/'));
  expect(leaves(shown)).toEqual(['x', 'dense/', 'loss']);
  expect(edges(shown)).toEqual(['x > dense/', 'dense/ > loss']);
});

test('aggregate edges: one line holds all tensors between two boxes, and knows the largest', () => {
  const shown = model([
    { name: 'a', outputs: ['float32 (3, 4)', 'float32 (50)'] },
    { name: 's/1', inputs: ['a', 'a:1'] },
    { name: 's/2', inputs: ['a:1'] }
  ]);
  shown.closeAll();
  const [edge] = shown.scene.edges;
  expect(edge?.tensors.length).toBe(2);
  expect(edge?.size).toBe(50);
});

test('auxiliary nodes are pulled aside, and come back on one click', () => {
  const shown = model(LAYER);
  expect(shown.scene.aside.map(each => each.id)).toEqual(['init']);
  shown.bringBack(box(shown, 'init'));
  expect(leaves(shown)).toContain('init');
});

test('layers forward/backward/update switch on and off', () => {
  const shown = networkModel();
  shown.closeAll();
  expect(leaves(shown)).toContain('gradients/');
  shown.setLayer('backward', false);
  shown.setLayer('update', false);
  expect(leaves(shown)).toEqual(['x', 'labels', 'logits/', 'loss/']);
  shown.setLayer('backward', true);
  expect(leaves(shown)).toContain('gradients/');
});

test('trace ancestors and descendants', () => {
  const shown = model(LAYER);
  shown.select(box(shown, 'dense/MatMul'));
  shown.trace('ancestors');
  const faded = () => shown.scene.leaves.filter(leaf => shown.marks(leaf).isFaded).map(leaf => leaf.id);
  expect(faded()).toEqual(['dense/Relu', 'loss']);
  shown.trace('descendants');
  expect(faded()).toEqual([]);
  shown.trace('ancestors', false);
  expect(faded()).toEqual(['x', 'dense/kernel/']);
});

test('search fades what is not found and counts what is, in closed scopes as well', () => {
  const shown = model(LAYER);
  shown.closeAll();
  shown.search('relu OR matmul');
  expect(shown.found.length).toBe(2);
  expect(shown.marks(box(shown, 'dense/'))).toMatchObject({ isFaded: false, found: 2 });
  expect(shown.marks(box(shown, 'x')).isFaded).toBe(true);
});

test('revealing opens what stands around, and brings back what stands aside', () => {
  const shown = networkModel();
  shown.closeAll();
  const slot = [...shown.hierarchy.boxes.keys()].find(id => id.startsWith('logits/kernel/Adam')) as string;
  shown.setLayer('update', false);
  shown.reveal(box(shown, slot));
  expect(leaves(shown)).toContain(slot);
});

test('cell provenance: stale operations are counted, marked, and can be hidden', () => {
  const twice = [...LAYER.slice(0, 1), { name: 'x_1', op: 'Placeholder', cell: 6 }];
  const shown = model(twice, { stale: [0] });
  expect(summary(shown)).toContain('1 of them stale');
  expect(shown.scene.leaves.map(leaf => shown.marks(leaf).isStale)).toEqual([true, false]);
  shown.hideStale(true);
  expect(leaves(shown)).toEqual(['x_1']);
});

test('cell provenance: a line highlights its nodes', () => {
  const shown = model(LAYER);
  shown.highlightOrigin('cell [5], line 2');
  expect(shown.found.map(node => node.name)).toEqual(['dense/Relu', 'loss', 'init']);
});

test('run slice with reasons: the panel answers why not', () => {
  const shown = networkModel();
  const reason = (id: string) => details(box(shown, id), shown).rows.find(([name]) => name === 'Run')?.[1];
  expect(reason('loss/Mean')).toBe('will run');
  expect(reason('x')).toContain('cut by feed');
  expect(reason('init')).toContain('not an ancestor');
  expect(shown.marks(box(shown, 'gradients/')).runs).toBe(false);
  expect(summary(shown)).toMatch(/; \d+ of them will run/);
});

test('colour by device, dtype, cell, structure, time', () => {
  const shown = model(LAYER, {
    costs: [
      [4, 900, 4000],
      [5, 100, 40]
    ]
  });
  expect(shown.state.colourBy).toBe('time');
  const strength = (id: string) => shown.colours.of(box(shown, id))?.strength ?? 0;
  expect(strength('dense/MatMul')).toBeGreaterThan(strength('dense/Relu'));
  shown.colour('cell');
  expect(shown.colours.legend.map(entry => entry.label)).toEqual(['cell [4]', 'cell [5]']);
  expect(shown.colours.of(box(shown, 'x'))).not.toEqual(shown.colours.of(box(shown, 'loss')));
  shown.colour('dtype');
  expect(shown.colours.legend.map(entry => entry.label)).toEqual(['float32']);
  shown.colour('kind');
  expect(shown.colours.of(box(shown, 'x'))).toBeNull();
});

test('colour by structure: equal boxes get one colour', () => {
  const twins = [1, 2].flatMap(i => [{ name: `t${i}/a` }, { name: `t${i}/b`, inputs: [`t${i}/a`] }]);
  const shown = model([...twins, { name: 'other', op: 'Mul' }]);
  shown.closeAll();
  shown.colour('structure');
  const colours = shown.scene.leaves.map(leaf => shown.colours.of(leaf));
  expect(colours[0]).not.toBeNull();
  expect(colours[0]).toEqual(colours[1]);
  expect(colours[2]).toBeNull();
});

test('lines from a box that very many take from are words instead', () => {
  const users = Array.from({ length: 20 }, (_, i) => ({ name: `user${i}`, op: `Op${i}`, inputs: ['hub'] }));
  const shown = model([{ name: 'hub' }, ...users]);
  expect(shown.scene.edges).toEqual([]);
  expect(shown.scene.hubs.get(box(shown, 'user3'))?.map(hub => hub.id)).toEqual(['hub']);
});

test('expansion state can be taken and given back', () => {
  const shown = model(LAYER);
  shown.closeAll();
  const other = model(LAYER);
  other.restore({ ...shown.kept, open: ['no longer there/'] });
  expect(other.state.open).toEqual([]);
  expect(leaves(other)).toEqual(['x', 'dense/', 'loss']);
});

test('listeners hear of changes until they leave', () => {
  const shown = model(LAYER);
  const heard = vi.fn();
  const leave = shown.subscribe(heard);
  shown.closeAll();
  leave();
  shown.closeAll();
  expect(heard).toHaveBeenCalledTimes(1);
});

test('the selection panel knows neighbours, partner and origin', () => {
  const shown = networkModel();
  const found = details(box(shown, 'gradients/logits/MatMul_grad/MatMul'), shown);
  expect(found.partner?.text).toBe('logits/MatMul');
  const product = details(box(shown, 'logits/MatMul'), shown);
  expect(product.inputs.map(each => each.text)).toContain('x:0  float32 (?, 8)');
  expect(product.outputs.map(each => each.text)).toContain('logits/BiasAdd');
});

test('the text twin tells what the picture shows', () => {
  const shown = model(LAYER);
  expect(asText(shown).split('\n')).toEqual([
    'x: Placeholder, float32 (?, 10)',
    'dense: 5 operations',
    '  kernel: VariableV2, float32 (10, 10)',
    '  MatMul: MatMul, float32 (?, 10), from x, dense/kernel/',
    '  Relu: Relu, float32 (?, 10), from dense/MatMul',
    'loss: Sum, float32 (), from dense/Relu',
    'aside: init'
  ]);
});

test('captions: depth, scope, counts', () => {
  expect(summary(model([]))).toBe('0 operations');
  expect(summary(model(LAYER))).toBe('8 operations in 1 name scope');
  expect(summary(model(LAYER, { count: 9000 }))).toContain('the first 8 are shown');
  expect(summary(model(LAYER, { scope: 'dense' }))).toBe('dense/: 5 operations');
  expect(leaves(model(LAYER, { depth: 0 }))).toEqual(['x', 'dense/', 'loss']);
  expect(subtitle(box(networkModel(), 'Adam/') ?? box(networkModel(), 'train/'))).toContain(
    'updates 2 variables'
  );
  expect(EMPTY.count).toBe(0);
});

test('a scope is placed aside from code, and comes back on one click', () => {
  const all = [
    { name: 'x' },
    { name: 'metrics/mean', inputs: ['x'] },
    { name: 'metrics/count', inputs: ['metrics/mean'] }
  ];
  const shown = new GraphModel({ ...EMPTY, aside: ['metrics'] }, nodes(all));
  expect(leaves(shown)).toEqual(['x']);
  const box = shown.scene.aside[0] as Box;
  expect(box.id).toBe('metrics/');
  shown.bringBack(box);
  shown.toggle(box, true);
  expect(leaves(shown)).toContain('metrics/mean');
  expect(shown.scene.aside).toEqual([]);
});
