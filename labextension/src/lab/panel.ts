/** The side panel: it follows the notebook in front and shows what its program has made so far. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { isWorkspace, problemIn, WORKSPACE_MIME, type Workspace } from '../contract/workspace';
import { say, translateBy } from '../elements/words';
import { select } from '../graph/shown';
import { type Absence, WorkspaceModel } from '../workspace/model';
import { type Actions, render } from '../workspace/view';
import { openDisplay } from './display';
import { GRAPH, variable, WISH, WORKSPACE } from './expressions';
import { icon } from './icon';
import { evaluate, type Found } from './kernel';

export const PANEL = 'minitf-panel';
export const TOGGLE_PANEL = 'minitf:toggle-panel';
export const SHOW_GRAPH = 'minitf:show-graph';

const TARGET = 'minitf.panel'; // as in minitf/notebook/panel.py

export class WorkspacePanel extends Widget {
  constructor(
    private readonly tracker: INotebookTracker,
    actions: Omit<Actions, 'refresh'>
  ) {
    super();
    this.id = PANEL;
    this.title.icon = icon;
    this.node.tabIndex = -1;
    const refresh = () => void this.refresh();
    this.clear = render({ model: this.model, el: this.node }, { ...actions, refresh });
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
    this.model.running(kernel.status === 'busy');
    if (kernel.status === 'busy') {
      this.model.show(name, this.model.notebook === name ? (this.model.workspace ?? 'busy') : 'busy');
    }
    const found = await evaluate(kernel, WORKSPACE, WORKSPACE_MIME).catch(
      () => ({ error: 'Error', message: '' }) as Found
    );
    if (this.tracker.currentWidget === notebook && this.isVisible && !this.isDisposed) {
      this.model.show(name, workspaceIn(found));
      this.model.running(false);
      if (!('error' in found)) {
        this.listen(kernel, name);
      } else if (found.error === 'KeyError') {
        this.await(kernel, name);
      }
    }
  }

  /** A program without minitf opens the comm itself, when a cell imports it: that cell is then seen as it runs. */
  private await(kernel: Kernel.IKernelConnection, name: string): void {
    kernel.registerCommTarget(TARGET, comm => {
      if (this.isVisible && this.followed?.sessionContext.session?.kernel === kernel) {
        this.hush();
        this.hear(comm, kernel, name);
      } else {
        comm.close();
      }
    });
    void evaluate(kernel, WISH, WORKSPACE_MIME).catch(() => undefined);
  }

  /** While a cell runs, the kernel hears no question: from now on its running loop tells by itself. */
  private listen(kernel: Kernel.IKernelConnection, name: string): void {
    if (this.comm !== null && !this.comm.isDisposed && this.heard === kernel) {
      return;
    }
    this.hush();
    const comm = kernel.createComm(TARGET);
    this.hear(comm, kernel, name);
    comm.open();
  }

  private hear(comm: Kernel.IComm, kernel: Kernel.IKernelConnection, name: string): void {
    comm.onMsg = ({ content }: KernelMessage.ICommMsgMsg) => {
      const { workspace } = content.data;
      if (isWorkspace(workspace) && this.comm === comm) {
        this.model.show(name, workspace);
        this.model.running(true);
      }
    };
    comm.onClose = () => this.hush();
    this.comm = comm;
    this.heard = kernel;
  }

  private hush(): void {
    const { comm } = this;
    this.comm = this.heard = null;
    if (comm !== null && !comm.isDisposed) {
      comm.close();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.refresh();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.hush(); // nobody looks: the kernel need not tell
  }

  override dispose(): void {
    this.hush();
    NotebookActions.executed.disconnect(this.onExecuted, this);
    this.tracker.currentChanged.disconnect(this.follow, this);
    this.clear();
    super.dispose();
  }

  private follow(): void {
    this.followed?.sessionContext.kernelChanged.disconnect(this.onKernel, this);
    if (this.followed !== this.tracker.currentWidget) {
      this.hush();
    }
    this.followed = this.tracker.currentWidget;
    this.followed?.sessionContext.kernelChanged.connect(this.onKernel, this);
    void this.refresh();
  }

  private onKernel(): void {
    this.hush();
    void this.refresh();
  }

  private onExecuted(_: unknown, { notebook }: { notebook: NotebookPanel['content'] }): void {
    if (notebook === this.tracker.currentWidget?.content) {
      void this.refresh();
    }
  }

  private followed: NotebookPanel | null = null;
  private comm: Kernel.IComm | null = null;
  private heard: Kernel.IKernelConnection | null = null;
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
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    lab: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    translateBy(translator?.load('minitf') ?? null); // before the first sentence is said
    const area = lab === null ? 'right' : 'main'; // Notebook 7 has room for one document only
    const openTab = (title: string, code: string) => {
      const kernel = tracker.currentWidget?.sessionContext.session?.kernel;
      if (kernel !== undefined && kernel !== null) {
        openDisplay(app, rendermime, { kernel, title, code, area });
      }
    };
    const showGraph = () => void app.commands.execute(SHOW_GRAPH);
    const widget = new WorkspacePanel(tracker, {
      showGraph,
      showVariable: name => openTab(name, variable(name)),
      select: name => select(name) || showGraph()
    });
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
        const title = say('Graph: %1', tracker.currentWidget?.title.label ?? '');
        openTab(title, GRAPH);
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
