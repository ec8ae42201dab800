import { ToolbarButton } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';

import { chapterNumber, drillsOf } from './names';
import { Pages } from './pages';

/** In the toolbar of a chapter that has drills: they open beside it. */
export async function offerDrills(panel: NotebookPanel, settings: ServerConnection.ISettings, pages: Pages): Promise<void> {
  await panel.context.ready;
  const chapter = chapterNumber(panel.context.path);
  if (chapter === null || panel.isDisposed || !(await hasDrills(chapter, settings)) || panel.isDisposed) {
    return;
  }
  const button = new ToolbarButton({
    label: 'Drills',
    tooltip: `Short tasks in the terminal that go with chapter ${chapter}`,
    onClick: () => {
      const beside = pages.anyDrills();
      pages.open(drillsOf(chapter), beside ? { mode: 'tab-after', ref: beside.id } : { mode: 'split-right', ref: panel.id });
    }
  });
  button.addClass('drydock-drills');
  panel.toolbar.insertBefore('kernelName', 'drydock-drills', button) || panel.toolbar.addItem('drydock-drills', button);
}

async function hasDrills(chapter: string, settings: ServerConnection.ISettings): Promise<boolean> {
  try {
    const answer = await ServerConnection.makeRequest(URLExt.join(settings.baseUrl, 'drydock/api/drills', chapter), {}, settings);
    const state = (await answer.json()) as { drills?: unknown[] };
    return Boolean(state.drills?.length);
  } catch {
    return false; // the pages tell of a server that is gone
  }
}
