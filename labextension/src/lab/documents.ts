/**
 * Checkpoints, graphs and event files opened from the file browser. A kernel of our own reads them - the
 * same code that reads them in a notebook -, so no notebook needs to run. It starts with the first such
 * document and ends with the last.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  ABCWidgetFactory,
  type DocumentRegistry,
  DocumentWidget,
  TextModelFactory
} from '@jupyterlab/docregistry';
import type { SimplifiedOutputArea } from '@jupyterlab/outputarea';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ServerConnection, type ServiceManager, type Session } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { carryChannels } from './comms';
import { display, fill } from './display';
import { file } from './expressions';
import { icon } from './icon';

const MODEL = 'minitf-path';

export const FILE_TYPES: DocumentRegistry.IFileType[] = [
  {
    name: 'minitf-checkpoint',
    displayName: 'Checkpoint',
    extensions: ['.index', '.ckpt', '.safetensors'],
    pattern: String.raw`\.data-\d{5}-of-\d{5}$` // the values, in so many files
  },
  { name: 'minitf-graph', displayName: 'Graph', extensions: ['.pb', '.pbtxt', '.meta'] },
  {
    name: 'minitf-events',
    displayName: 'Event file',
    extensions: [],
    pattern: String.raw`^events\.out\.tfevents\.`
  }
].map(type => ({
  ...type,
  icon,
  mimeTypes: ['application/octet-stream'],
  contentType: 'file',
  fileFormat: 'base64' as const
})) as DocumentRegistry.IFileType[];

/** A model that knows where its document lies and never loads it: checkpoints may be large. */
class PathModelFactory extends TextModelFactory {
  override get name() {
    return MODEL;
  }

  override get fileFormat() {
    return null as unknown as 'text'; // null: only the document's name, size and dates are fetched
  }
}

/** The kernel that reads documents; `borrow` and `giveBack` count who needs it. */
export class ReadingKernel {
  constructor(private readonly services: ServiceManager.IManager) {
    window.addEventListener('pagehide', () => this.leave());
  }

  borrow(): Promise<Session.ISessionConnection> {
    this.users++;
    this.session ??= this.start();
    return this.session;
  }

  /** The page goes: nobody will give it back. */
  private readonly leave = () => {
    const { serverSettings } = this.services;
    void this.session?.then(({ id }) => {
      const address = `${serverSettings.baseUrl}api/sessions/${id}`;
      return ServerConnection.makeRequest(address, { method: 'DELETE', keepalive: true }, serverSettings);
    });
  };

  async giveBack(): Promise<void> {
    this.users--;
    const session = this.session;
    if (this.users === 0 && session !== null) {
      this.session = null;
      await (await session).shutdown();
    }
  }

  private async start(): Promise<Session.ISessionConnection> {
    await this.services.ready;
    const specs = this.services.kernelspecs.specs;
    const python = Object.values(specs?.kernelspecs ?? {}).find(spec => spec?.language === 'python');
    if (python === undefined) {
      throw new Error('There is no Python kernel that could read this file.');
    }
    // The path decides in which folder the kernel works: the one that the file browser calls the root.
    const path = `minitf-documents-${Date.now()}`;
    return this.services.sessions.startNew({
      path,
      name: 'minitf documents',
      type: 'file',
      kernel: { name: python.name }
    });
  }

  private users = 0;
  private session: Promise<Session.ISessionConnection> | null = null;
}

export class DocumentView extends DocumentWidget<SimplifiedOutputArea> {
  constructor(
    options: DocumentWidget.IOptions<SimplifiedOutputArea>,
    private readonly kernel: ReadingKernel,
    localPath: string
  ) {
    super(options);
    this.addClass('minitf-document');
    void this.open(localPath);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      void this.kernel.giveBack();
    }
    super.dispose();
  }

  private async open(localPath: string): Promise<void> {
    await this.context.ready;
    try {
      const { kernel } = await this.kernel.borrow();
      if (kernel !== null) {
        carryChannels(kernel);
        await fill(this.content, kernel, file(localPath));
      }
    } catch (error) {
      this.content.model.add({ output_type: 'stream', name: 'stderr', text: String(error) });
    }
  }
}

class Factory extends ABCWidgetFactory<DocumentView> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<DocumentView>,
    private readonly app: JupyterFrontEnd,
    private readonly rendermime: IRenderMimeRegistry
  ) {
    super(options);
    this.kernel = new ReadingKernel(app.serviceManager);
  }

  protected createNewWidget(context: DocumentRegistry.Context): DocumentView {
    const path = this.app.serviceManager.contents.localPath(context.path);
    return new DocumentView({ content: display(this.rendermime), context }, this.kernel, path);
  }

  private readonly kernel: ReadingKernel;
}

export const documents: JupyterFrontEndPlugin<void> = {
  id: 'minitf:documents',
  description: 'Opens checkpoints, graphs and event files from the file browser.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, rendermime: IRenderMimeRegistry, translator: ITranslator | null) => {
    const trans = (translator ?? nullTranslator).load('minitf');
    app.docRegistry.addModelFactory(new PathModelFactory());
    for (const type of FILE_TYPES) {
      app.docRegistry.addFileType(type);
      const options = {
        name: `minitf ${type.displayName}`,
        label: trans.gettext(`minitf ${type.displayName?.toLowerCase()}`),
        modelName: MODEL,
        fileTypes: [type.name],
        defaultFor: [type.name],
        readOnly: true
      };
      const factory = new Factory(options, app, rendermime);
      // The cast bridges a field that may be undefined here and absent there.
      app.docRegistry.addWidgetFactory(factory as unknown as DocumentRegistry.WidgetFactory);
    }
  }
};
