/** What the reader set: how our views look, and what the kernels of notebooks shall keep to. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { preferences, type Wishes } from './expressions';
import { evaluate } from './kernel';

const SCHEMA = 'minitf:panel';
const THEMES = ['auto', 'light', 'dark'] as const;

/** Tells each kernel once, when it has imported minitf, and again when the wishes change or it restarts. */
export class Teller {
  wishes: Wishes | null = null;

  change(wishes: Wishes): void {
    this.wishes = wishes;
    this.told = new WeakMap();
  }

  forget(kernel: Kernel.IKernelConnection): void {
    this.told.delete(kernel);
  }

  async tell(kernel: Kernel.IKernelConnection): Promise<void> {
    if (this.wishes === null || this.told.get(kernel) !== undefined) {
      return;
    }
    const { told } = this;
    told.set(kernel, 'asked');
    const found = await evaluate(kernel, preferences(this.wishes), 'text/plain').catch(() => ({
      error: ''
    }));
    if ('error' in found) {
      told.delete(kernel);
    }
  }

  private told = new WeakMap<Kernel.IKernelConnection, 'asked'>();
}

/** `light` and `dark` hold for our views only; `auto` follows JupyterLab. */
export function wear(theme: unknown): void {
  for (const each of THEMES) {
    document.body.classList.toggle(`minitf-theme-${each}`, each === theme && each !== 'auto');
  }
}

export const settings: JupyterFrontEndPlugin<void> = {
  id: 'minitf:settings',
  description: 'Brings the settings to the views and to the kernels.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker, registry: ISettingRegistry | null) => {
    const teller = new Teller();
    const kernels = new WeakSet<Kernel.IKernelConnection>();
    const tell = (kernel: Kernel.IKernelConnection | null | undefined) => {
      if (kernel === null || kernel === undefined) {
        return;
      }
      if (!kernels.has(kernel)) {
        kernels.add(kernel);
        kernel.statusChanged.connect((_, status) => {
          if (status === 'restarting' || status === 'autorestarting') {
            teller.forget(kernel);
          }
        });
      }
      void teller.tell(kernel);
    };
    NotebookActions.executed.connect((_, { notebook }) =>
      tell(tracker.find(panel => panel.content === notebook)?.sessionContext.session?.kernel)
    );
    void registry?.load(SCHEMA).then(loaded => {
      const read = () => {
        const one = (name: string) => loaded.get(name).composite as never;
        wear(one('theme'));
        const limits = {
          graph: one('graphLimit'),
          curves: one('curvesLimit'),
          checkpoint: one('checkpointLimit')
        };
        teller.change({ rerun: one('rerun'), limits });
        tracker.forEach(panel => {
          tell(panel.sessionContext.session?.kernel);
        });
      };
      loaded.changed.connect(read);
      read();
    });
  }
};
