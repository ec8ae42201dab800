import { CodeCellModel } from '@jupyterlab/cells';
import { Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';

import { answers } from './cells';
import { chapterNumber } from './names';
import { texts } from './reading';

const LATER = 'drydock-answer-later';

/** In a chapter, keep what happened out of sight until the reader has guessed, and run the cell that it is about. */
export function hideAnswers(panel: NotebookPanel): void {
  if (chapterNumber(panel.context.path) === null) {
    return;
  }
  const notebook = panel.content;
  const update = () => {
    const model = notebook.model;
    if (!model || notebook.isDisposed) {
      return;
    }
    const found = answers(texts(notebook));
    notebook.widgets.forEach((cell, place) => {
      const about = found.get(place);
      const asked = about === undefined ? null : model.cells.get(about);
      const later = asked instanceof CodeCellModel && asked.executionCount === null && !shown.has(cell.model.id);
      cell.toggleClass(LATER, later);
    });
  };
  const shown = new Set<string>();
  // Whoever asks for it gets it: a click on the line that stands there.
  panel.node.addEventListener('click', event => {
    const node = (event.target as Element | null)?.closest?.(`.${LATER}`);
    const cell = notebook.widgets.find(one => one.node === node);
    if (cell) {
      shown.add(cell.model.id);
      update();
    }
  });
  let waiting = 0;
  const soon = () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(update, 50);
  };
  // A cell without an output changes nothing else when it has run.
  const executed = (_: unknown, done: { notebook: Notebook }) => {
    if (done.notebook === notebook) {
      soon();
    }
  };
  NotebookActions.executed.connect(executed);
  panel.disposed.connect(() => NotebookActions.executed.disconnect(executed));
  void panel.context.ready.then(() => {
    notebook.model?.contentChanged.connect(soon);
    update();
  });
}
