// Shows Drydock's pages in JupyterLab: home at the start, the panel of an exercise beside its notebook.
//
// The pages are the server's (../../../static); this only opens them. JupyterLab loads a prebuilt extension as a container of
// module federation: an object with init and get. It is written by hand, because what a bundler would add is all there is.
(() => {
  const NAME = 'drydock';
  const HOME = '';
  const EXERCISE = /(?:^|\/)exercises\/(\d\d-[a-z0-9-]+)\/\1\.ipynb$/;
  const WIDE = 1000; // pixels, from which a panel fits beside a notebook
  const ICON =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">' +
    '<path class="jp-icon3" fill="#616161" d="M8 1.2a2 2 0 0 0-.75 3.85V6H5.2v1.5h2.05v5.2a4.6 4.6 0 0 1-3.4-2.6l1.15.1L3.2 7.4 1.4 10.5' +
    'l1-.1a6 6 0 0 0 11.2 0l1 .1-1.8-3.1-1.8 2.8 1.15-.1a4.6 4.6 0 0 1-3.4 2.6V7.5h2.05V6H8.75v-.95A2 2 0 0 0 8 1.2z' +
    'm0 1.3a.7.7 0 1 1 0 1.4.7.7 0 0 1 0-1.4z"/></svg>';
  let scope;

  async function shared(name) {
    const versions = scope[name];
    const factory = await versions[Object.keys(versions).pop()].get();
    return factory();
  }

  async function makePlugin() {
    const [application, apputils, launcher, notebook, ui, coreutils, lumino] = await Promise.all(
      [
        '@jupyterlab/application', '@jupyterlab/apputils', '@jupyterlab/launcher', '@jupyterlab/notebook',
        '@jupyterlab/ui-components', '@jupyterlab/coreutils', '@lumino/widgets',
      ].map(shared)
    );
    const icon = new ui.LabIcon({ name: 'drydock:icon', svgstr: ICON });

    class Page extends lumino.Widget {
      constructor(page) {
        super();
        this.page = page;
        this.id = `drydock-${page.replace(/\W+/g, '-') || 'home'}`;
        this.addClass('jp-IFrame'); // JupyterLab's own: it keeps a frame from swallowing the mouse while something is dragged
        this.title.label = page === HOME ? 'Drydock' : page.replace('exercise/', '');
        this.title.icon = icon;
        this.title.closable = true;
        this.frame = document.createElement('iframe');
        this.frame.title = page === HOME ? 'Drydock: the course' : `Exercise ${this.title.label}: check, hints, pictures`;
        this.frame.src = `${coreutils.PageConfig.getBaseUrl()}drydock/${page}`;
        this.frame.style.cssText = 'width: 100%; height: 100%; border: 0';
        this.node.append(this.frame);
      }
      onActivateRequest() {
        this.frame.focus();
      }
    }

    // Cells take their place only as they come into sight, and then the heading moves: aim again, until the reader takes over.
    async function goTo(widget, heading) {
      if (!widget?.setFragment) {
        return;
      }
      await widget.context?.ready;
      await widget.revealed;
      const reader = new AbortController();
      for (const event of ['wheel', 'pointerdown', 'keydown']) {
        widget.node.addEventListener(event, () => reader.abort(), { once: true, capture: true });
      }
      for (const pause of [0, 300, 700, 1500, 2500]) {
        await new Promise(done => setTimeout(done, pause));
        if (reader.signal.aborted || widget.isDisposed) {
          return;
        }
        widget.setFragment(`#heading=${heading.replace(/ /g, '-')}`);
      }
    }

    function activate(app, starter, palette, notebooks, restorer) {
      const { shell, commands } = app;
      const pages = new apputils.WidgetTracker({ namespace: NAME });
      const find = page => pages.find(one => one.page === page);

      function open(page, options, activateIt = true) {
        let widget = find(page);
        if (!widget) {
          widget = new Page(page);
          pages.add(widget);
          shell.add(widget, 'main', { ...options, activate: activateIt });
        } else if (activateIt) {
          shell.activateById(widget.id);
        }
        return widget;
      }

      commands.addCommand('drydock:open', {
        label: args => (args.page ? `Drydock: exercise ${String(args.page).replace('exercise/', '')}` : 'Drydock: home'),
        caption: 'The course map, what is done, and where to go on',
        icon,
        execute: args => open(String(args.page ?? HOME)),
      });
      if (restorer) {
        restorer.restore(pages, {
          command: 'drydock:open',
          args: widget => ({ page: widget.page }),
          name: widget => widget.id,
        });
      }
      starter?.add({ command: 'drydock:open', args: { page: HOME }, category: 'Drydock', rank: 0 });
      palette?.addItem({ command: 'drydock:open', args: { page: HOME }, category: 'Drydock' });

      const button = new lumino.Widget({ node: document.createElement('button') });
      button.id = 'drydock-home-button';
      button.node.type = 'button';
      button.node.className = 'jp-ToolbarButtonComponent jp-mod-minimal';
      button.node.title = 'Drydock: the course map, what is done, and where to go on';
      button.node.style.cssText = 'align-self: center; padding: 0 8px; font: inherit; color: var(--jp-ui-font-color1)';
      button.node.textContent = 'Drydock';
      button.node.addEventListener('click', () => open(HOME));
      shell.add(button, 'top', { rank: 900 });

      // A panel stands beside its notebook; those of other exercises are tabs in the same place, and the right one is in front.
      const ofNotebook = panel => EXERCISE.exec(panel?.context.path ?? '')?.[1];

      function toFront(page, panel) {
        const place = Array.from(page?.parent?.tabBars?.() ?? []).find(bar => bar.titles.includes(page.title));
        if (place && !place.titles.includes(panel.title)) {
          page.parent.selectWidget(page); // in sight, while the reader stays where they are
        }
      }

      notebooks?.widgetAdded.connect((_, panel) => {
        void Promise.all([panel.context.ready, app.restored]).then(() => {
          const id = ofNotebook(panel);
          if (!id || panel.isDisposed) {
            return;
          }
          const other = pages.find(one => one.page.startsWith('exercise/') && one.isAttached);
          const mode = !other && window.innerWidth >= WIDE ? 'split-right' : 'tab-after';
          const page = find(`exercise/${id}`) ?? open(`exercise/${id}`, { mode, ref: (other ?? panel).id }, false);
          toFront(page, panel);
        });
      });
      notebooks?.currentChanged.connect((_, panel) => {
        const id = ofNotebook(panel);
        if (id) {
          toFront(find(`exercise/${id}`), panel);
        }
      });

      // A page asks for a file, a notebook or another page.
      window.addEventListener('message', event => {
        const wanted = event.origin === location.origin && event.data?.drydock === 'open' && event.data.path;
        if (typeof wanted !== 'string') {
          return;
        }
        if (wanted.startsWith('drydock:')) {
          open(wanted.slice('drydock:'.length).replace(/^home$/, HOME));
          return;
        }
        // Files of an exercise open where its notebook is, not over the panel.
        const folder = wanted.slice(0, wanted.lastIndexOf('/'));
        const beside = notebooks?.find(one => one.context.path.startsWith(`${folder}/`) && one.isAttached);
        const id = /exercises\/([^/]+)/.exec(wanted)?.[1];
        const panel = id && find(`exercise/${id}`);
        const options = beside ? { mode: 'tab-after', ref: beside.id } : panel ? { mode: 'split-left', ref: panel.id } : {};
        const { heading } = event.data;
        void commands.execute('docmanager:open', { path: wanted, options }).then(widget => {
          if (typeof heading === 'string') {
            void goTo(widget, heading);
          }
        });
      });

      void app.restored.then(() => {
        const others = Array.from(shell.widgets('main')).filter(one => !one.id.startsWith('launcher'));
        if (others.length === 0 && !/\/tree\//.test(location.pathname)) {
          open(HOME);
        }
      });
    }

    return {
      id: 'drydock:panel',
      description: "Opens Drydock's home page and the panel of an exercise.",
      autoStart: true,
      optional: [
        launcher.ILauncher, apputils.ICommandPalette, notebook.INotebookTracker, application.ILayoutRestorer,
      ],
      activate,
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: shareScope => {
      scope = shareScope;
    },
    get: async () => {
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
