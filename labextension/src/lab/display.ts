/** A tab that shows what a piece of Python displays. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel } from '@jupyterlab/services';
import { freshId } from '../elements/element';
import { icon } from './icon';

/** An output area filled by `code`, which leaves no trace in the kernel's history. */
export function display(rendermime: IRenderMimeRegistry): SimplifiedOutputArea {
  const area = new SimplifiedOutputArea({ model: new OutputAreaModel({ trusted: true }), rendermime });
  area.addClass('minitf-display');
  return area;
}

/** Run `code` and show what it displays, in place of what stood in `area`. */
export async function fill(area: SimplifiedOutputArea, kernel: Kernel.IKernelConnection, code: string) {
  area.future = kernel.requestExecute({ code, store_history: false, allow_stdin: false });
  await area.future.done;
}

export interface Wanted {
  kernel: Kernel.IKernelConnection;
  title: string;
  /** Python that displays something. */
  code: string;
  /** Where it stands: `main` or `right`. */
  area: string;
}

export function openDisplay(
  app: JupyterFrontEnd,
  rendermime: IRenderMimeRegistry,
  { kernel, title, code, area: place }: Wanted
): void {
  const area = display(rendermime);
  const tab = new MainAreaWidget({ content: area });
  tab.id = freshId('display');
  tab.title.label = title;
  tab.title.icon = icon;
  tab.title.closable = true;
  app.shell.add(tab, place, { mode: 'split-right' });
  app.shell.activateById(tab.id);
  void fill(area, kernel, code);
}
