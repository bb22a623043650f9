import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { expect, test } from 'vitest';
import { GRAPH_MIME } from '../../../labextension/src/contract/graph';
import extensions, { type Renderer } from '../../../labextension/src/lab/renderer';
import { NETWORK } from '../sample';

const extension = extensions.find(({ rendererFactory }) => rendererFactory.mimeTypes.includes(GRAPH_MIME));

async function rendered(data: Record<string, unknown>): Promise<Renderer> {
  const renderer = extension?.rendererFactory.createRenderer({} as IRenderMime.IRendererOptions) as Renderer;
  await renderer.renderModel({ data } as unknown as IRenderMime.IMimeModel);
  return renderer;
}

test('JupyterLab learns the MIME type, and that untrusted notebooks may be drawn', () => {
  expect(extension?.rendererFactory.mimeTypes).toEqual(['application/vnd.minitf.graph+json']);
  expect(extensions.every(({ rendererFactory }) => rendererFactory.safe)).toBe(true);
  expect(new Set(extensions.map(({ id }) => id)).size).toBe(extensions.length);
});

test('a graph is drawn', async () => {
  const { node } = await rendered({ [GRAPH_MIME]: NETWORK });
  expect(node.querySelector('svg [role=treeitem]')).not.toBeNull();
});

test('an updated output replaces the drawing', async () => {
  const renderer = await rendered({ [GRAPH_MIME]: NETWORK });
  const fewer = { ...NETWORK, scope: 'logits' };
  await renderer.renderModel({ data: { [GRAPH_MIME]: fewer } } as unknown as IRenderMime.IMimeModel);
  expect(renderer.node.querySelectorAll('figure').length).toBe(1);
  expect(renderer.node.querySelector('figcaption')?.textContent).toContain('logits/: ');
});

test('a graph of another version shows why, and its text', async () => {
  const { node } = await rendered({ [GRAPH_MIME]: { ...NETWORK, version: 9 } });
  expect(node.querySelector('figcaption')?.textContent).toContain('format version 9');
  expect(node.querySelector('pre')?.textContent).toBe(NETWORK.text);
});

test('a payload that is no graph falls back on text/plain', async () => {
  const { node } = await rendered({ [GRAPH_MIME]: 7, 'text/plain': '<Graph of 5 operations>' });
  expect(node.querySelector('pre')?.textContent).toBe('<Graph of 5 operations>');
});
