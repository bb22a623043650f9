/** The side panel: it follows the notebook in front and shows what its program has made so far. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { isWorkspace, problemIn, WORKSPACE_MIME, type Workspace } from '../contract/workspace';
import { type Absence, WorkspaceModel } from '../workspace/model';
import { render } from '../workspace/view';
import { openDisplay } from './display';
import { icon } from './icon';
import { evaluate, type Found } from './kernel';

export const PANEL = 'minitf-panel';
export const TOGGLE_PANEL = 'minitf:toggle-panel';
export const SHOW_GRAPH = 'minitf:show-graph';

// A program that has not imported minitf is left alone: importing it is the user's business.
const EXPRESSION = '__import__("sys").modules["minitf"].notebook.workspace()';

export class WorkspacePanel extends Widget {
  constructor(
    private readonly tracker: INotebookTracker,
    draw: (model: WorkspaceModel, el: HTMLElement, refresh: () => void) => () => void
  ) {
    super();
    this.id = PANEL;
    this.title.icon = icon;
    this.node.tabIndex = -1;
    this.clear = draw(this.model, this.node, () => void this.refresh());
    tracker.currentChanged.connect(this.follow, this);
    NotebookActions.executed.connect(this.onExecuted, this);
    this.follow();
  }

  readonly model = new WorkspaceModel();

  /** Ask the kernel of the notebook in front; nothing while nobody can see the answer. */
  async refresh(): Promise<void> {
    if (!this.isVisible) {
      return;
    }
    const notebook = this.tracker.currentWidget;
    const name = notebook?.context.localPath.split('/').pop() ?? '';
    const kernel = notebook?.sessionContext.session?.kernel;
    if (notebook === null || kernel === undefined || kernel === null) {
      this.model.show(name, notebook === null ? 'no-notebook' : 'no-kernel');
      return;
    }
    if (kernel.status === 'busy') {
      this.model.show(name, this.model.notebook === name ? (this.model.workspace ?? 'busy') : 'busy');
    }
    const found = await evaluate(kernel, EXPRESSION, WORKSPACE_MIME).catch(
      () => ({ error: 'Error', message: '' }) as Found
    );
    if (this.tracker.currentWidget === notebook && !this.isDisposed) {
      this.model.show(name, workspaceIn(found));
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.refresh();
  }

  override dispose(): void {
    NotebookActions.executed.disconnect(this.onExecuted, this);
    this.tracker.currentChanged.disconnect(this.follow, this);
    this.clear();
    super.dispose();
  }

  private follow(): void {
    this.followed?.sessionContext.kernelChanged.disconnect(this.onKernel, this);
    this.followed = this.tracker.currentWidget;
    this.followed?.sessionContext.kernelChanged.connect(this.onKernel, this);
    void this.refresh();
  }

  private onKernel(): void {
    void this.refresh();
  }

  private onExecuted(_: unknown, { notebook }: { notebook: NotebookPanel['content'] }): void {
    if (notebook === this.tracker.currentWidget?.content) {
      void this.refresh();
    }
  }

  private followed: NotebookPanel | null = null;
  private readonly clear: () => void;
}

function workspaceIn(found: Found): Workspace | Absence {
  if ('error' in found) {
    return found.error === 'KeyError' || found.error === 'AttributeError' ? 'not-imported' : 'failed';
  }
  if (isWorkspace(found.data)) {
    return found.data;
  }
  console.warn(problemIn(found.data));
  return 'failed';
}

export const panel: JupyterFrontEndPlugin<void> = {
  id: 'minitf:panel',
  description: "Shows the active notebook's graph, session and variables in the side panel.",
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [ILayoutRestorer, ICommandPalette, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('minitf');
    const say = (sentence: string) => trans.gettext(sentence);
    const showGraph = () => void app.commands.execute(SHOW_GRAPH);
    const widget = new WorkspacePanel(tracker, (model, el, refresh) =>
      render({ model, el }, { showGraph, refresh }, say)
    );
    widget.title.caption = say('minitf: graph, session and variables');
    app.shell.add(widget, 'right', { rank: 900, type: 'minitf' });
    restorer?.add(widget, PANEL);

    app.commands.addCommand(TOGGLE_PANEL, {
      label: args => (args.toolbar ? '' : say('Show or hide the panel of graph and variables')),
      caption: say('minitf: graph, session and variables of this notebook'),
      icon: args => (args.toolbar ? icon : undefined),
      isToggled: () => widget.isVisible,
      execute: () => toggle(app, widget)
    });
    app.commands.addCommand(SHOW_GRAPH, {
      label: say('Show the graph of this notebook in a tab'),
      isEnabled: () => tracker.currentWidget !== null,
      execute: () => {
        const notebook = tracker.currentWidget;
        const kernel = notebook?.sessionContext.session?.kernel;
        if (notebook !== null && kernel !== undefined && kernel !== null) {
          const title = `${say('Graph')}: ${notebook.title.label}`;
          openDisplay(app, rendermime, { kernel, title, code: 'import minitf; minitf.show_graph()' });
        }
      }
    });
    for (const command of [TOGGLE_PANEL, SHOW_GRAPH]) {
      palette?.addItem({ command, category: 'minitf' });
    }
    void settings?.load(panel.id).then(loaded => {
      if (loaded.get('openPanel').composite === true) {
        app.shell.activateById(PANEL);
      }
    });
  }
};

function toggle(app: JupyterFrontEnd, widget: Widget): void {
  if (!widget.isVisible) {
    app.shell.activateById(widget.id);
  } else if (app.commands.hasCommand('application:toggle-right-area')) {
    void app.commands.execute('application:toggle-right-area');
  }
}
