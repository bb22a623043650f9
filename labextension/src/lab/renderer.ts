/** Lets JupyterLab draw the graphs in a notebook's outputs, saved ones without a kernel included. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { GRAPH_MIME, isGraph, problemIn } from '../contract/graph';
import { GraphModel } from '../graph/model';
import { render, renderProblem } from '../graph/view';

export class GraphRenderer extends Widget implements IRenderMime.IRenderer {
  async renderModel(output: IRenderMime.IMimeModel): Promise<void> {
    const data: unknown = output.data[GRAPH_MIME];
    this.clear();
    if (isGraph(data)) {
      this.clear = render({ model: new GraphModel(data), el: this.node });
    } else {
      const text = (data as { text?: unknown } | undefined)?.text ?? output.data['text/plain'];
      const problem = problemIn(data) ?? '';
      this.clear = renderProblem(this.node, problem, typeof text === 'string' ? text : '');
    }
  }

  override dispose(): void {
    this.clear();
    super.dispose();
  }

  private clear: () => void = () => {};
}

const extension: IRenderMime.IExtension = {
  id: 'minitf:graph-renderer',
  description: `Draws ${GRAPH_MIME}.`,
  dataType: 'json',
  rendererFactory: {
    safe: true, // see graph/svg.ts for why this may be said
    mimeTypes: [GRAPH_MIME],
    defaultRank: 40, // before text/html and image/svg+xml of the same output
    createRenderer: () => new GraphRenderer()
  }
};

export default extension;
