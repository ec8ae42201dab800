import { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { DocumentRegistry } from '@jupyterlab/docregistry';
import { ServerConnection } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';

import { ExerciseDocuments, Open } from './documents';
import { collapseFiles, share, toSight } from './layout';
import { exerciseFile, pageOf } from './names';
import { Pages } from './pages';

/** What stands around an exercise: its task, its file, its panel, its terminal. */
export class Exercises {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _manager: IDocumentManager,
    private readonly _pages: Pages,
    readonly documents: ExerciseDocuments,
    private readonly _arranged: () => boolean
  ) {
    documents.opened.connect((_, one) => void this._opened(one));
    documents.closed.connect((_, exercise) => this._closed(exercise));
  }

  /** A document came to the front: what belongs to it follows. */
  follow(widget: Widget | null): void {
    const context = widget && this._manager.contextForWidget(widget);
    const file = context ? exerciseFile(context.path) : null;
    if (!widget || !file) {
      return;
    }
    this._showFolder(file.folder);
    toSight(this._pages.panel(file.exercise), widget);
    const others = this.documents.of(file.exercise).filter(one => one.widget !== widget);
    if (!file.isTask) {
      // A chapter may stand where the task does; the task of another exercise may not.
      const wrong = this.documents.all().some(one => one.file.isTask && one.widget.isVisible);
      const task = others.find(one => one.file.isTask)?.widget;
      if (wrong && !task?.isVisible) {
        toSight(task, widget);
      }
    } else if (!others.some(one => one.widget.isVisible)) {
      toSight(others[0]?.widget, widget);
    }
  }

  /** Where a document of an exercise goes. */
  placeFor(path: string): DocumentRegistry.IOpenOptions {
    const file = exerciseFile(path);
    if (!file) {
      const reader = this._anyTask();
      const panel = this._pages.anyPanel();
      return reader ? { mode: 'tab-after', ref: reader.id } : panel ? { mode: 'split-left', ref: panel.id } : {};
    }
    const own = this.documents.of(file.exercise);
    if (!file.isTask) {
      const beside = own.find(one => !one.file.isTask) ?? this._anyFile();
      if (beside) {
        return { mode: 'tab-after', ref: beside.widget.id };
      }
      const task = own.find(one => one.file.isTask)?.widget;
      if (task) {
        return { mode: 'split-bottom', ref: task.id };
      }
    }
    const task = file.isTask ? this._anyTask() : undefined;
    if (task) {
      return { mode: 'tab-after', ref: task.id };
    }
    const panel = this._pages.panel(file.exercise) ?? this._pages.anyPanel();
    return panel ? { mode: 'split-left', ref: panel.id } : {};
  }

  /** A terminal in an exercise's folder, or below the drills; the one that is there, if it is. */
  async terminal(folder: string): Promise<void> {
    const there = this._terminals.get(folder);
    if (there && !there.isDisposed) {
      this._app.shell.activateById(there.id);
      return;
    }
    const made = (await this._app.commands.execute('terminal:create-new', { cwd: folder })) as MainAreaWidget;
    const exercise = exerciseFile(`${folder}/.`)?.exercise;
    const drills = exercise ? undefined : this._pages.anyDrills();
    const beside = exercise && this.documents.of(exercise).find(one => !one.file.isTask)?.widget;
    const task = exercise && this.documents.of(exercise).find(one => one.file.isTask)?.widget;
    if (beside) {
      this._app.shell.add(made, 'main', { mode: 'tab-after', ref: beside.id });
    } else if (task || drills) {
      this._app.shell.add(made, 'main', { mode: 'split-bottom', ref: (task || drills)?.id });
    }
    this._terminals.set(folder, made);
    this._app.shell.activateById(made.id);
  }

  private async _opened({ file, widget }: Open): Promise<void> {
    if (!file.isTask) {
      return;
    }
    await this._app.restored;
    if (widget.isDisposed) {
      return;
    }
    const there = this._pages.panel(file.exercise);
    const other = this._pages.anyPanel();
    const panel =
      there ??
      this._pages.open(
        pageOf(file.exercise),
        other ? { mode: 'tab-after', ref: other.id } : { mode: 'split-right', ref: widget.id },
        false
      );
    toSight(panel, widget);
    this._showFolder(file.folder);
    if (there || !this._arranged()) {
      return; // the layout is one that was restored, or the reader's own
    }
    const own = await this._firstFile(file.exercise);
    const alone = !other;
    let editor = own ? this._manager.findWidget(own) : undefined;
    if (own && !editor && !widget.isDisposed) {
      editor = this._manager.open(own, undefined, undefined, { ...this.placeFor(own), activate: false });
    }
    collapseFiles(this._labShell());
    this._app.shell.activateById(widget.id);
    toSight(editor, widget);
    if (alone) {
      await frames(3);
      share(widget, undefined, panel);
      await frames(2);
      share(widget, editor, undefined);
    }
  }

  private _closed(exercise: string): void {
    // After the last document of an exercise its panel has nothing to stand beside. Wait: a file that is renamed, or a
    // notebook that is opened in another way, closes and comes back.
    window.setTimeout(() => {
      if (this.documents.of(exercise).length === 0) {
        this._pages.panel(exercise)?.close();
      }
    }, 300);
  }

  private async _firstFile(exercise: string): Promise<string | null> {
    const settings = this._app.serviceManager.serverSettings;
    const url = URLExt.join(settings.baseUrl, 'drydock/api/exercise', exercise);
    try {
      const answer = await ServerConnection.makeRequest(url, {}, settings);
      const state = (await answer.json()) as { files?: { path: string; exists: boolean }[] };
      return state.files?.find(one => one.exists)?.path ?? null;
    } catch {
      return null; // the panel tells of a server that is gone
    }
  }

  private _showFolder(folder: string): void {
    if (this._folder !== folder && this._app.commands.hasCommand('filebrowser:go-to-path')) {
      this._folder = folder;
      const there = { path: folder, dontShowBrowser: true };
      void this._app.commands.execute('filebrowser:go-to-path', there).catch(() => undefined);
    }
  }

  private _labShell(): ILabShell | null {
    return 'collapseLeft' in this._app.shell ? (this._app.shell as ILabShell) : null;
  }

  private _anyTask(): Widget | undefined {
    return this.documents.all().find(one => one.file.isTask && one.widget.isAttached)?.widget;
  }

  private _anyFile(): Open | undefined {
    return this.documents.all().find(one => !one.file.isTask && one.widget.isAttached);
  }

  private readonly _terminals = new Map<string, MainAreaWidget>();
  private _folder = '';
}

async function frames(count: number): Promise<void> {
  for (let frame = 0; frame < count; frame += 1) {
    await new Promise(done => window.requestAnimationFrame(done));
  }
}
