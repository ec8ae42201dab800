import { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import { Notification } from '@jupyterlab/apputils';
import { Contents } from '@jupyterlab/services';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { exerciseFile, ExerciseFile, tabData } from './names';

const LOOK_EVERY = 2000; // milliseconds

/** A document of an exercise that is open. */
export interface Open {
  readonly file: ExerciseFile;
  readonly widget: IDocumentWidget;
  readonly context: DocumentRegistry.Context;
}

/**
 * The open documents of exercises: their tabs can be told apart, what is unsaved is known, and what has changed on the disk
 * (a reset, in the panel or in a terminal) is shown.
 */
export class ExerciseDocuments implements DocumentRegistry.WidgetExtension {
  constructor(private readonly _contents: Contents.IManager) {
    window.setInterval(() => document.hidden || void this.look(), LOOK_EVERY);
  }

  /** The exercise in which something is now saved that was not, or the other way round. */
  get changed(): ISignal<this, string> {
    return this._changed;
  }

  /** The exercise of which a document was opened. */
  get opened(): ISignal<this, Open> {
    return this._opened;
  }

  /** The exercise of which a document was closed. */
  get closed(): ISignal<this, string> {
    return this._closed;
  }

  /** JupyterLab has made a widget for a document. */
  createNew(widget: IDocumentWidget, context: DocumentRegistry.Context): IDisposable | void {
    if (!exerciseFile(context.path)) {
      return;
    }
    const mark = () => {
      const file = exerciseFile(context.path);
      widget.title.dataset = { ...widget.title.dataset, ...(file ? tabData(file) : {}) };
    };
    const told = () => this._changed.emit(exerciseFile(context.path)?.exercise ?? '');
    mark();
    context.pathChanged.connect(mark);
    context.model.stateChanged.connect(told);
    context.saveState.connect(this._saving, this);
    this._widgets.set(widget, context);
    widget.disposed.connect(() => {
      const exercise = exerciseFile(context.path)?.exercise;
      this._widgets.delete(widget);
      if (exercise) {
        this._changed.emit(exercise);
        this._closed.emit(exercise);
      }
    });
    void context.ready.then(() => {
      const file = exerciseFile(context.path);
      if (file && !widget.isDisposed) {
        mark();
        this._opened.emit({ file, widget, context });
      }
    });
    return new DisposableDelegate(() => {
      context.pathChanged.disconnect(mark);
      context.saveState.disconnect(this._saving, this);
      if (!context.isDisposed) {
        context.model?.stateChanged.disconnect(told);
      }
    });
  }

  /** The open documents of an exercise, its notebook included. */
  of(exercise: string): Open[] {
    return this.all().filter(one => one.file.exercise === exercise);
  }

  /** Names of the learner's files that hold what is not on the disk. */
  unsaved(exercise: string): string[] {
    const dirty = this.of(exercise).filter(({ file, context }) => !file.isTask && context.model.dirty);
    return [...new Set(dirty.map(({ file }) => file.name))];
  }

  /** Save the learner's open files; resolves to the names of those that could not be saved. */
  async save(exercise: string): Promise<string[]> {
    const failed: string[] = [];
    for (const { file, context } of this._contexts(exercise)) {
      if (!file.isTask && context.model.dirty) {
        await context.save().catch(() => undefined);
        if (context.model.dirty) {
          failed.push(file.name);
        }
      }
    }
    return failed;
  }

  /** Show what is on the disk in all open editors of an exercise, now. */
  async revert(exercise: string): Promise<void> {
    const files = this._contexts(exercise).filter(({ file }) => !file.isTask);
    await Promise.all(files.map(({ context }) => this._reload(context)));
  }

  /** Look whether files have changed on the disk, and show what is there. */
  async look(): Promise<void> {
    if (this._looking) {
      return;
    }
    this._looking = true;
    try {
      for (const { file, context } of this._contexts()) {
        if (!file.isTask && context.isReady) {
          await this._lookAt(file, context);
        }
      }
    } finally {
      this._looking = false;
    }
  }

  private async _lookAt(file: ExerciseFile, context: DocumentRegistry.Context): Promise<void> {
    const saves = this._saves.get(context) ?? 0;
    let now: Contents.IModel;
    try {
      now = await this._contents.get(context.path, { content: false });
    } catch {
      return; // it is gone, or the server is: JupyterLab says so
    }
    const known = context.isDisposed ? null : context.contentsModel?.last_modified;
    const saved = saves % 2 === 1 || saves !== (this._saves.get(context) ?? 0);
    if (!known || saved || now.last_modified === known) {
      return;
    }
    if (!context.model.dirty) {
      await this._reload(context);
    } else if (this._told.get(context) !== now.last_modified) {
      this._told.set(context, now.last_modified);
      const take = { label: `Show what is on the disk`, callback: () => void this._reload(context) };
      Notification.warning(
        `${file.name} of ${file.exercise} has changed on the disk, and your editor holds text that is not saved.`,
        { actions: [take], autoClose: false }
      );
    }
  }

  private async _reload(context: DocumentRegistry.Context): Promise<void> {
    if (!context.isDisposed) {
      await context.revert().catch(() => undefined); // JupyterLab has told why
    }
  }

  private _saving(context: DocumentRegistry.Context, state: DocumentRegistry.SaveState): void {
    // Odd while a save (or a revert, which says so too) goes on.
    const saves = this._saves.get(context) ?? 0;
    if ((state === 'started') === (saves % 2 === 0)) {
      this._saves.set(context, saves + 1);
    }
  }

  /** All open documents of all exercises. */
  all(): Open[] {
    const found: Open[] = [];
    for (const [widget, context] of this._widgets) {
      const file = exerciseFile(context.path);
      if (file && !context.isDisposed && !widget.isDisposed) {
        found.push({ file, widget, context });
      }
    }
    return found;
  }

  /** Two tabs may show one file: each context once. */
  private _contexts(exercise?: string): Open[] {
    const byContext = new Map(this.all().map(one => [one.context, one]));
    return [...byContext.values()].filter(({ file }) => exercise === undefined || file.exercise === exercise);
  }

  private readonly _widgets = new Map<IDocumentWidget, DocumentRegistry.Context>();
  private readonly _saves = new WeakMap<DocumentRegistry.Context, number>();
  private readonly _told = new WeakMap<DocumentRegistry.Context, string>();
  private readonly _changed = new Signal<this, string>(this);
  private readonly _opened = new Signal<this, Open>(this);
  private readonly _closed = new Signal<this, string>(this);
  private _looking = false;
}

/** The names of the widgets that JupyterLab shows an exercise's files in. */
export const FACTORIES = ['Editor', 'Notebook', 'CSVTable', 'TSVTable', 'JSON', 'Markdown Preview'];

