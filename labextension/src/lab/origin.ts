/** From an operation to the line of the notebook that made it, and from a line to its operations. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { say, sayCount } from '../elements/words';
import { OPEN_ORIGIN, type Origin } from '../graph/panel';
import { highlight } from '../graph/shown';

export const HIGHLIGHT_LINE = 'minitf:highlight-line';
const MARKED = 2500; // milliseconds

/** The place of the cell whose brackets say `count`; -1 where none does. */
export function placeOf(counts: (number | null)[], count: number): number {
  return counts.lastIndexOf(count);
}

async function show(panel: NotebookPanel, { cell, line }: Origin): Promise<boolean> {
  const notebook = panel.content;
  const place = placeOf(notebook.widgets.map(executionCount), cell);
  const found = notebook.widgets[place];
  if (found === undefined) {
    return false;
  }
  notebook.activeCellIndex = place;
  await notebook.scrollToItem(place, 'smart');
  await found.ready;
  const { editor } = found;
  if (editor !== null) {
    const start = { line: line - 1, column: 0 };
    editor.setSelection({ start, end: { line: line - 1, column: editor.getLine(line - 1)?.length ?? 0 } });
    editor.revealPosition(start);
    editor.focus();
  }
  found.addClass('minitf-origin');
  setTimeout(() => found.removeClass('minitf-origin'), MARKED);
  return true;
}

function executionCount({ model }: Cell): number | null {
  return model.type === 'code'
    ? (model as unknown as { executionCount: number | null }).executionCount
    : null;
}

export const origin: JupyterFrontEndPlugin<void> = {
  id: 'minitf:origin',
  description: 'Leads from an operation to the line that made it, and back.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker, palette: ICommandPalette | null) => {
    document.addEventListener(OPEN_ORIGIN, event => {
      const wish = (event as CustomEvent<Origin>).detail;
      const around = tracker.find(panel => panel.node.contains(event.target as Node));
      const panel = around ?? tracker.currentWidget;
      if (panel === null) {
        return;
      }
      app.shell.activateById(panel.id);
      void show(panel, wish).then(isThere => {
        if (!isThere) {
          Notification.info(
            say('%1 is not in this notebook: it was changed or run again since.', wish.origin),
            {
              autoClose: 4000
            }
          );
        }
      });
    });
    app.commands.addCommand(HIGHLIGHT_LINE, {
      label: () => say('Highlight in the graph what this line made'),
      isEnabled: () => tracker.activeCell?.model.type === 'code',
      execute: () => {
        const cell = tracker.activeCell;
        const count = cell === null ? null : executionCount(cell);
        const line = (cell?.editor?.getCursorPosition().line ?? 0) + 1;
        const found = count === null ? 0 : highlight(`cell [${count}], line ${line}`);
        Notification.info(sayCount('This line made %n operation.', 'This line made %n operations.', found), {
          autoClose: 3000
        });
      }
    });
    palette?.addItem({ command: HIGHLIGHT_LINE, category: 'minitf' });
  }
};
