import { expect, test } from 'vitest';
import { nodesOf, unpack } from '../../../labextension/src/contract/columns';
import { NETWORK } from '../sample';
import packed from '../samples/packed.json';

function table(): Record<string, unknown> {
  return structuredClone(NETWORK.table) as Record<string, unknown>;
}

test('names, types, shapes and inputs come out as they went in', () => {
  const nodes = nodesOf(NETWORK.table);
  expect(nodes.length).toBe(NETWORK.count);
  const product = nodes.find(node => node.name === 'logits/MatMul');
  expect(product).toMatchObject({
    op: 'MatMul',
    scope: 'logits',
    outputs: ['float32 (?, 3)'],
    role: 'forward'
  });
  expect(product?.inputs.map(({ node }) => nodes[node]?.name)).toEqual(['x', 'logits/kernel/read']);
  const init = nodes.find(node => node.name === 'init');
  expect(init?.controls.map(id => nodes[id]?.name)).toContain('logits/kernel/Assign');
});

test('forward/gradient pairing: a gradient knows its forward operation', () => {
  const nodes = nodesOf(NETWORK.table);
  const gradient = nodes.find(node => node.name === 'gradients/logits/MatMul_grad/MatMul');
  expect(nodes[gradient?.partner ?? -1]?.name).toBe('logits/MatMul');
  expect(gradient?.role).toBe('backward');
});

test('a compressed table is the same table', async () => {
  expect(await unpack(packed.table)).toEqual(nodesOf(NETWORK.table));
});

test.each([
  ['no table', 7],
  ['no base64', '%%%'],
  ['no deflated text', btoa('hello')]
])('%s is refused', async (_, wrong) => {
  await expect(unpack(wrong)).rejects.toThrow();
});

test('what would fill the memory is refused', async () => {
  const body = new Response(new Uint8Array(70_000_000)).body as ReadableStream<BufferSource>;
  const zeros = body.pipeThrough(new CompressionStream('deflate'));
  const bytes = new Uint8Array(await new Response(zeros).arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 10_000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 10_000));
  }
  await expect(unpack(btoa(text))).rejects.toThrow('too large');
}, 30_000);

test.each(['op', 'scope', 'inputs', 'outputs', 'controls', 'partner', 'role'])(
  'numbers in %s that lead nowhere are refused',
  column => {
    const wrong = table();
    const lists = Array.isArray((wrong[column] as unknown[])[0]);
    wrong[column] = (wrong[column] as unknown[]).map(() => (lists ? [9e6] : 9e6));
    expect(() => nodesOf(wrong)).toThrow('refers to');
  }
);

test.each(['op', 'label', 'strings', 'inputs'])('a malformed column %s is refused', column => {
  expect(() => nodesOf({ ...table(), [column]: [{}] })).toThrow('malformed');
});
