import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { expect, test, vi } from 'vitest';
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

test('what a reader opens is kept in the output, and found again', async () => {
  vi.useFakeTimers();
  const output = {
    data: { [GRAPH_MIME]: NETWORK, 'text/plain': NETWORK.text },
    metadata: { isolated: false },
    setData: vi.fn((change: object) => Object.assign(output, change))
  };
  const first = extension?.rendererFactory.createRenderer({} as IRenderMime.IRendererOptions) as Renderer;
  document.body.append(first.node);
  await first.renderModel(output as unknown as IRenderMime.IMimeModel);
  first.node.querySelector<HTMLElement>('[aria-label^="Close all"]')?.click();
  const closed = first.node.querySelectorAll('[role=treeitem]').length;
  const item = first.node.querySelector('[role=treeitem]') as SVGElement;
  item.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  expect(output.setData).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(output.setData).toHaveBeenCalledOnce();
  const picture = first.node.querySelector('svg');
  await first.renderModel(output as unknown as IRenderMime.IMimeModel); // as JupyterLab does after a change
  expect(first.node.querySelector('svg')).toBe(picture);
  vi.useRealTimers();

  const saved = { ...output, data: { ...output.data, [GRAPH_MIME]: { ...NETWORK, key: 'another page' } } };
  const second = extension?.rendererFactory.createRenderer({} as IRenderMime.IRendererOptions) as Renderer;
  await second.renderModel(saved as unknown as IRenderMime.IMimeModel);
  expect(second.node.querySelectorAll('[role=treeitem]').length).toBe(closed);
  expect(second.node.querySelector('[aria-selected=true] title')?.textContent).toBe(
    item.querySelector('title')?.textContent
  );
  const { data, metadata } = output;
  const written = {
    output_type: 'display_data',
    data: { ...data, [GRAPH_MIME]: { kind: 'graph' } },
    metadata
  };
  await expect(`${JSON.stringify(written, null, 1)}\n`).toMatchFileSnapshot('../samples/graph_kept.json');
});

test('what is kept may be anything, for a notebook may come from anywhere', async () => {
  const data = { [GRAPH_MIME]: { ...NETWORK, key: '' } };
  for (const kept of [7, { open: [1] }, { open: ['nowhere/'], layers: null }]) {
    const renderer = extension?.rendererFactory.createRenderer(
      {} as IRenderMime.IRendererOptions
    ) as Renderer;
    await renderer.renderModel({
      data,
      metadata: { [GRAPH_MIME]: kept }
    } as unknown as IRenderMime.IMimeModel);
    expect(renderer.node.querySelector('svg [role=treeitem]')).not.toBeNull();
  }
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
