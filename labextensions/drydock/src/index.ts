// Drydock in JupyterLab. The pages are the server's (grader/panel); this opens them, and arranges what an exercise needs.

import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Token } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { ExerciseDocuments, FACTORIES } from './documents';
import { offerDrills } from './drills';
import { Exercises } from './exercises';
import { icon, mapIcon } from './icon';
import { FromPage, fromPage } from './messages';
import { chapterOf, exerciseFile, exerciseOf, HOME, MAP, pageNamed } from './names';
import { Pages } from './pages';
import { hideAnswers } from './predictions';
import { goTo } from './reading';
import { SideMap } from './sidebar';
import { Fetch, steady } from './steady';

/** The pages that are open. */
const IPages = new Token<Pages>('drydock:IPages', 'The pages of the course that are open.');

const OPEN = 'drydock:open';
const OPEN_MAP = 'drydock:map';
/** The commands by which a person saves; JupyterLab's own saving by the clock runs none. */
const SAVES = new Set(['docmanager:save', 'docmanager:save-all', 'docmanager:save-as']);

const pages: JupyterFrontEndPlugin<Pages> = {
  id: 'drydock:pages',
  description: 'The home page, and the panel of an exercise.',
  autoStart: true,
  provides: IPages,
  optional: [ILauncher, ICommandPalette, ILayoutRestorer],
  activate: (app, launcher: ILauncher | null, palette: ICommandPalette | null, restorer: ILayoutRestorer | null) => {
    const open = new Pages(app.shell);
    app.commands.addCommand(OPEN, {
      label: args => labelOf(String(args.page ?? HOME)),
      caption: 'The course map, what is done, and where to go on',
      icon,
      execute: args => open.open(String(args.page ?? HOME))
    });
    void restorer?.restore(open.tracker, {
      command: OPEN,
      args: widget => ({ page: widget.page }),
      name: widget => widget.id
    });
    const home = { command: OPEN, args: { page: HOME }, category: 'Drydock' };
    launcher?.add({ ...home, rank: 0 });
    palette?.addItem(home);

    const button = new Widget({ node: document.createElement('button') });
    button.id = 'drydock-home-button';
    button.addClass('jp-ToolbarButtonComponent');
    button.addClass('jp-mod-minimal');
    button.node.setAttribute('type', 'button');
    button.node.title = 'Drydock: the course map, what is done, and where to go on';
    button.node.textContent = 'Drydock';
    button.node.addEventListener('click', () => open.open(HOME));
    app.shell.add(button, 'top', { rank: 900 });

    void app.restored.then(() => {
      const others = Array.from(app.shell.widgets('main')).filter(one => !one.id.startsWith('launcher'));
      if (others.length === 0 && !/\/tree\//.test(window.location.pathname)) {
        open.open(HOME);
      }
    });
    return open;
  }
};

const map: JupyterFrontEndPlugin<void> = {
  id: 'drydock:map',
  description: 'The live map of the engine, in the side bar.',
  autoStart: true,
  optional: [ICommandPalette, ILayoutRestorer],
  activate: (app, palette: ICommandPalette | null, restorer: ILayoutRestorer | null) => {
    const side = new SideMap();
    // To the right: an exercise folds the left side away, where files are.
    app.shell.add(side, 'right', { rank: 900, type: 'Drydock' });
    restorer?.add(side, side.id);
    app.commands.addCommand(OPEN_MAP, {
      label: 'Drydock: live map of the engine',
      caption: 'Containers, networks, volumes and images on your engine, as they change',
      icon: mapIcon,
      execute: () => app.shell.activateById(side.id)
    });
    palette?.addItem({ command: OPEN_MAP, category: 'Drydock' });
  }
};

const exercises: JupyterFrontEndPlugin<void> = {
  id: 'drydock:plugin',
  description: 'What an exercise needs around it: its files, its panel, its terminal; and chapters at the right place.',
  autoStart: true,
  requires: [IPages, IDocumentManager],
  optional: [ILabShell, INotebookTracker, ISettingRegistry],
  activate: async (
    app,
    open: Pages,
    manager: IDocumentManager,
    shell: ILabShell | null,
    notebooks: INotebookTracker | null,
    registry: ISettingRegistry | null
  ) => {
    const documents = new ExerciseDocuments(app.serviceManager.contents);
    let arrange = true;
    const around = new Exercises(app, manager, open, documents, () => arrange);
    for (const factory of FACTORIES) {
      app.docRegistry.addWidgetExtension(factory, documents);
    }
    documents.changed.connect((_, exercise) => {
      open.panel(exercise)?.tell({ drydock: 'unsaved', names: documents.unsaved(exercise) });
    });
    shell?.currentChanged.connect((_, change) => around.follow(change.newValue));
    notebooks?.widgetAdded.connect((_, panel) => {
      hideAnswers(panel);
      void offerDrills(panel, app.serviceManager.serverSettings, open);
    });
    // A cell of the task looks at the files on the disk, as the panel's check does.
    NotebookActions.executionScheduled.connect((_, { notebook }) => {
      const path = notebooks?.find(panel => panel.content === notebook)?.context.path;
      const exercise = path ? exerciseFile(path)?.exercise : null;
      if (exercise) {
        void documents.save(exercise);
      }
    });

    app.commands.commandExecuted.connect((_, { id, result }) => {
      const saved = SAVES.has(id) && shell?.currentWidget ? manager.contextForWidget(shell.currentWidget)?.path : null;
      const exercise = saved ? exerciseFile(saved)?.exercise : null;
      if (exercise) {
        void result.then(() => tellSaved(app, exercise)).catch(() => undefined);
      }
    });

    const answer = async (page: MessageEvent, message: FromPage): Promise<void> => {
      const asking = open.tracker.find(one => one.sent(page));
      switch (message.drydock) {
        case 'hello':
          asking?.tell({ drydock: 'unsaved', names: documents.unsaved(message.exercise) });
          return;
        case 'save':
          asking?.tell({ drydock: 'saved', ticket: message.ticket, failed: await documents.save(message.exercise) });
          return;
        case 'revert':
          return documents.revert(message.exercise);
        case 'terminal':
          return around.terminal(message.folder);
        case 'open': {
          const named = pageNamed(message.path);
          if (named === MAP) {
            await app.commands.execute(OPEN_MAP);
            return;
          }
          if (named !== null) {
            open.open(named);
            return;
          }
          const widget = manager.openOrReveal(message.path, undefined, undefined, around.placeFor(message.path));
          if (message.heading && widget && widget instanceof NotebookPanel) {
            await goTo(widget, message.heading);
          }
        }
      }
    };
    window.addEventListener('message', event => {
      const message = event.origin === window.location.origin ? fromPage(event.data) : null;
      if (message) {
        void answer(event, message);
      }
    });

    const settings = await registry?.load('drydock:plugin').catch(() => null);
    const read = () => {
      arrange = settings?.get('arrange').composite !== false;
    };
    settings?.changed.connect(read);
    read();
  }
};

function labelOf(page: string): string {
  const exercise = exerciseOf(page);
  const chapter = chapterOf(page);
  return exercise ? `Drydock: exercise ${exercise}` : chapter ? `Drydock: drills of chapter ${chapter}` : 'Drydock: home';
}

/** The server may grade at once what somebody saved, while what is saved by the clock has to come to rest first. */
async function tellSaved(app: JupyterFrontEnd, exercise: string): Promise<void> {
  const settings = app.serviceManager.serverSettings;
  const url = URLExt.join(PageConfig.getBaseUrl(), 'drydock/api/exercise', exercise, 'saved');
  await ServerConnection.makeRequest(url, { method: 'POST', body: '{}' }, settings);
}

const connection: JupyterFrontEndPlugin<void> = {
  id: 'drydock:connection',
  description: 'Questions to the server that the browser drops while containers come and go are asked again.',
  autoStart: true,
  activate: app => {
    // The settings are one object for all of JupyterLab; nothing else reaches what its own parts send.
    const settings = app.serviceManager.serverSettings as { fetch: ServerConnection.ISettings['fetch'] };
    settings.fetch = steady(settings.fetch.bind(window) as Fetch) as ServerConnection.ISettings['fetch'];
  }
};

export default [connection, pages, map, exercises];
