/** Tells ipywidgets where the classes of our views are; they are loaded when a kernel first speaks. */
import { IJupyterWidgetRegistry } from '@jupyter-widgets/base';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

export const widgets: JupyterFrontEndPlugin<void> = {
  id: 'minitf:widgets',
  description: 'Connects the views of minitf with the kernel.',
  autoStart: true,
  optional: [IJupyterWidgetRegistry],
  activate: (_, registry: IJupyterWidgetRegistry | null) => {
    registry?.registerWidget({
      name: 'minitf',
      version: '1.0.0', // of these classes; what they carry has versions of its own
      exports: async () => ({ ...(await import('../widgets/live')) })
    });
  }
};
