/** Lets JupyterLab draw minitf's own formats in a notebook's outputs, saved ones without a kernel included. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { JSONObject } from '@lumino/coreutils';
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
    const whole = JSON.stringify(data);
    if (whole === this.drawn) {
      return; // only what the view itself let the notebook keep has changed
    }
    this.clear();
    this.widget = widget;
    this.drawn = whole;
    const shown = {
      data,
      text: typeof text === 'string' ? text : '',
      kept: output.metadata?.[this.format.mime]
    };
    this.clear = this.format.draw({ ...shown, keep: keeper(output, this.format.mime) }, this.node);
  }

  override dispose(): void {
    this.clear();
    super.dispose();
  }

  private widget: unknown;
  private drawn = '';
  private clear: () => void = () => {};
}

/** Writes into the output, which the notebook saves: also where no kernel runs. */
function keeper(output: IRenderMime.IMimeModel, mime: string) {
  return (kept: JSONObject, svg: string) => {
    const data = svg === '' ? output.data : { ...output.data, 'image/svg+xml': svg };
    output.setData({ data, metadata: { ...output.metadata, [mime]: kept } });
  };
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
