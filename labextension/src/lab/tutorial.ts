/** A launcher card and a command that open the first tutorial. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { say } from '../elements/words';
import { DRAWING, icon } from './icon';

export const FIRST_TUTORIAL = '01_graph_and_session.ipynb';
export const OPEN_TUTORIAL = 'minitf:open-tutorial';

/** Where the tutorial may lie, seen from the folder that the file browser or the launcher shows. */
export function tutorialPaths(folder: string): string[] {
  const inFolder = (name: string) => (folder === '' ? name : `${folder}/${name}`);
  const nested = `tutorials/${FIRST_TUTORIAL}`;
  return [...new Set([inFolder(FIRST_TUTORIAL), inFolder(nested), FIRST_TUTORIAL, nested])];
}

async function openTutorial(app: JupyterFrontEnd, folder: string): Promise<void> {
  for (const path of tutorialPaths(folder)) {
    if (await exists(app, path)) {
      await app.commands.execute('docmanager:open', { path });
      return;
    }
  }
  await showErrorMessage(
    say('The minitf tutorials are not here'),
    say(
      'There is no %1 in this folder or in its folder "tutorials". Start JupyterLab where the tutorials are.',
      FIRST_TUTORIAL
    )
  );
}

async function exists(app: JupyterFrontEnd, path: string): Promise<boolean> {
  try {
    await app.serviceManager.contents.get(path, { content: false });
    return true;
  } catch {
    return false;
  }
}

export const tutorial: JupyterFrontEndPlugin<void> = {
  id: 'minitf:tutorial',
  description: 'Opens the first minitf tutorial from the launcher and the command palette.',
  autoStart: true,
  optional: [ILauncher, ICommandPalette],
  activate: (app, launcher: ILauncher | null, palette: ICommandPalette | null) => {
    app.commands.addCommand(OPEN_TUTORIAL, {
      label: args => (args.isPalette ? say('Open the first minitf tutorial') : say('minitf tutorial')),
      caption: () => say('Open the first minitf tutorial'),
      icon,
      execute: args => openTutorial(app, typeof args.cwd === 'string' ? args.cwd : '')
    });
    // The cards of this category take a picture by its address.
    const kernelIconUrl = `data:image/svg+xml,${encodeURIComponent(DRAWING)}`;
    launcher?.add({ command: OPEN_TUTORIAL, category: 'Notebook', rank: 10, kernelIconUrl });
    palette?.addItem({ command: OPEN_TUTORIAL, category: 'minitf', args: { isPalette: true } });
  }
};
