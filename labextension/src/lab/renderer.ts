/**
 * Lets JupyterLab draw minitf's own formats in a notebook's outputs, saved ones without a kernel included.
 * A format is one entry of `FORMATS`.
 */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { GRAPH_MIME, isGraph, problemIn } from '../contract/graph';
import { GraphModel } from '../graph/model';
import { render, renderProblem } from '../graph/view';

/** One MIME type and the view that draws it. */
export interface Format {
  /** Short and unique: `graph`. */
  name: string;
  mime: string;
  /** Draws what came out of a notebook, which may be anything, into `el`; returns what clears it. */
  draw(output: Output, el: HTMLElement): () => void;
}

export interface Output {
  data: unknown;
  /** The `text/plain` of the same output, for what cannot be drawn. */
  text: string;
}

const graph: Format = {
  name: 'graph',
  mime: GRAPH_MIME,
  draw({ data, text }, el) {
    if (isGraph(data)) {
      return render({ model: new GraphModel(data), el });
    }
    const own = (data as { text?: unknown } | undefined)?.text;
    return renderProblem(el, problemIn(data) ?? '', typeof own === 'string' ? own : text);
  }
};

const FORMATS: Format[] = [graph];

export class Renderer extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly format: Format) {
    super();
  }

  async renderModel(output: IRenderMime.IMimeModel): Promise<void> {
    const text = output.data['text/plain'];
    this.clear();
    this.clear = this.format.draw(
      { data: output.data[this.format.mime], text: typeof text === 'string' ? text : '' },
      this.node
    );
  }

  override dispose(): void {
    this.clear();
    super.dispose();
  }

  private clear: () => void = () => {};
}

function extensionFor(format: Format): IRenderMime.IExtension {
  return {
    id: `minitf:${format.name}-renderer`,
    description: `Draws ${format.mime}.`,
    dataType: 'json',
    rendererFactory: {
      safe: true, // nothing that arrives is trusted: see graph/svg.ts
      mimeTypes: [format.mime],
      defaultRank: 40, // before text/html and image/svg+xml of the same output
      createRenderer: () => new Renderer(format)
    }
  };
}

export default FORMATS.map(extensionFor);
