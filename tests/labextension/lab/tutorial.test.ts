import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import { beforeEach, expect, test, vi } from 'vitest';

// The plugin needs of JupyterLab only names and one dialog; loading the real packages takes ten seconds.
const { showErrorMessage } = vi.hoisted(() => ({ showErrorMessage: vi.fn() }));
vi.mock('@jupyterlab/apputils', () => ({ ICommandPalette: {}, showErrorMessage }));
vi.mock('@jupyter-widgets/base', () => ({ IJupyterWidgetRegistry: {} }));
vi.mock('@jupyterlab/launcher', () => ({ ILauncher: {} }));
vi.mock('@jupyterlab/ui-components', () => ({ LabIcon: class {} }));
vi.mock('../../../labextension/src/lab/documents', () => ({ documents: { id: 'minitf:documents' } }));
vi.mock('../../../labextension/src/lab/origin', () => ({ origin: { id: 'minitf:origin' } }));
vi.mock('../../../labextension/src/lab/settings', () => ({ settings: { id: 'minitf:settings' } }));
vi.mock('../../../labextension/src/lab/panel', () => ({ panel: { id: 'minitf:panel' } }));

const { default: plugins } = await import('../../../labextension/src/index');
const { FIRST_TUTORIAL, OPEN_TUTORIAL, tutorial, tutorialPaths } = await import(
  '../../../labextension/src/lab/tutorial'
);

/** A JupyterLab whose disk holds `files`; remembers what was executed. */
function fakeLab(files: string[]) {
  const commands = { addCommand: vi.fn(), execute: vi.fn() };
  const get = async (path: string) => {
    if (!files.includes(path)) {
      throw new Error('404');
    }
  };
  const app = { commands, serviceManager: { contents: { get } } } as unknown as JupyterFrontEnd;
  const launcher = { add: vi.fn() };
  const palette = { addItem: vi.fn() };
  void tutorial.activate(app, launcher as unknown as ILauncher, palette as unknown as ICommandPalette);
  const open = commands.addCommand.mock.calls[0]?.[1].execute as (args: object) => Promise<void>;
  return { commands, launcher, palette, open };
}

beforeEach(() => showErrorMessage.mockReset());

test('JupyterLab is given every plugin', () => {
  expect(plugins.map(plugin => plugin.id)).toEqual([
    'minitf:documents',
    'minitf:origin',
    'minitf:panel',
    'minitf:settings',
    'minitf:tutorial',
    'minitf:widgets'
  ]);
});

test('a card and a palette entry carry the command', () => {
  const { launcher, palette } = fakeLab([]);
  expect(launcher.add).toHaveBeenCalledWith(expect.objectContaining({ command: OPEN_TUTORIAL }));
  expect(palette.addItem).toHaveBeenCalledWith(expect.objectContaining({ command: OPEN_TUTORIAL }));
});

test('the folder in view comes before the root', () => {
  expect(tutorialPaths('course')).toEqual([
    `course/${FIRST_TUTORIAL}`,
    `course/tutorials/${FIRST_TUTORIAL}`,
    FIRST_TUTORIAL,
    `tutorials/${FIRST_TUTORIAL}`
  ]);
  expect(tutorialPaths('')).toEqual([FIRST_TUTORIAL, `tutorials/${FIRST_TUTORIAL}`]);
});

test('the tutorial that is there is opened', async () => {
  const { commands, open } = fakeLab([`tutorials/${FIRST_TUTORIAL}`]);
  await open({ cwd: '' });
  expect(commands.execute).toHaveBeenCalledWith('docmanager:open', { path: `tutorials/${FIRST_TUTORIAL}` });
  expect(showErrorMessage).not.toHaveBeenCalled();
});

test('where there is none, a message says so', async () => {
  const { commands, open } = fakeLab([]);
  await open({});
  expect(commands.execute).not.toHaveBeenCalled();
  expect(showErrorMessage).toHaveBeenCalledOnce();
});
