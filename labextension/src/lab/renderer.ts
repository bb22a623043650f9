/** Lets JupyterLab draw minitf's own formats in a notebook's outputs, saved ones without a kernel included. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { isConnected } from '../widgets/connections';
import { FORMATS, type Format } from './formats';

export class Renderer extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly format: Format) {
    super();
  }

  async renderModel(output: IRenderMime.IMimeModel): Promise<void> {
    const text = output.data['text/plain'];
    const data: unknown = output.data[this.format.mime];
    const widget = (data as { widget?: unknown } | undefined)?.widget;
    if (typeof widget === 'string' && widget === this.widget && isConnected(widget)) {
      return; // what the notebook saves anew is what the view shows already
    }
    this.clear();
    this.widget = widget;
    this.clear = this.format.draw({ data, text: typeof text === 'string' ? text : '' }, this.node);
  }

  override dispose(): void {
    this.clear();
    super.dispose();
  }

  private widget: unknown;
  private clear: () => void = () => {};
}

function extensionFor(format: Format): IRenderMime.IExtension {
  return {
    id: `minitf:${format.name}-renderer`,
    description: `Draws ${format.mime}.`,
    dataType: 'json',
    rendererFactory: {
      safe: true, // what arrives is checked, and views write text as text: see elements/element.ts
      mimeTypes: [format.mime],
      defaultRank: 40, // before text/html and image/svg+xml of the same output
      createRenderer: () => new Renderer(format)
    }
  };
}

export default FORMATS.map(extensionFor);
