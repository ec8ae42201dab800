import { JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { DocumentRegistry } from '@jupyterlab/docregistry';

import { chapterOf, pageOf } from './names';
import { Page } from './page';

/** The pages that are open; one of each. */
export class Pages {
  constructor(private readonly _shell: JupyterFrontEnd.IShell) {}

  /** For the layout that JupyterLab restores. */
  readonly tracker = new WidgetTracker<Page>({ namespace: 'drydock' });

  /** A page that is open. */
  find(page: string): Page | undefined {
    return this.tracker.find(one => one.page === page && !one.isDisposed && one.isAttached);
  }

  /** The panel of an exercise, where it is open. */
  panel(exercise: string): Page | undefined {
    return this.find(pageOf(exercise));
  }

  /** Any page of drills that is open. */
  anyDrills(): Page | undefined {
    return this.tracker.find(one => chapterOf(one.page) !== null && !one.isDisposed && one.isAttached);
  }

  /** Any panel that is open. */
  anyPanel(): Page | undefined {
    return this.tracker.find(one => one.exercise !== null && !one.isDisposed && one.isAttached);
  }

  /**
   * Open a page, or find it.
   *
   * @param options - where it goes, if it is not open
   * @param activate - whether it gets the focus; else it only comes to sight
   */
  open(page: string, options: DocumentRegistry.IOpenOptions = {}, activate = true): Page {
    const there = this.find(page);
    const widget = there ?? new Page(page);
    if (!there) {
      this._shell.add(widget, 'main', { ...options, activate });
      void this.tracker.add(widget);
    } else if (activate) {
      this._shell.activateById(widget.id);
    }
    return widget;
  }
}
