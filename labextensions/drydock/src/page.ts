import { PageConfig } from '@jupyterlab/coreutils';
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { icon } from './icon';
import { ToPage } from './messages';
import { exerciseOf, pageCaption, pageLabel } from './names';

/** One of the server's pages in a tab. */
export class Page extends Widget {
  /** @param page its address below drydock/ */
  constructor(readonly page: string) {
    super();
    const exercise = exerciseOf(page);
    this.id = `drydock-${page.replace(/\W+/g, '-') || 'home'}`;
    this.addClass('drydock-page');
    this.addClass('jp-IFrame'); // JupyterLab's own: it keeps a frame from swallowing the mouse while something is dragged
    this.title.label = pageLabel(page);
    this.title.caption = pageCaption(page);
    this.title.icon = icon;
    this.title.closable = true;
    this._frame.title = exercise ? `Exercise ${exercise}: check, hints, pictures` : pageCaption(page);
    this._frame.src = `${PageConfig.getBaseUrl()}drydock/${page}`;
    this.node.append(this._frame);
  }

  /** The exercise's id; null for home. */
  get exercise(): string | null {
    return exerciseOf(this.page);
  }

  /** Whether a message comes from this page. */
  sent(event: MessageEvent): boolean {
    return event.source === this._frame.contentWindow;
  }

  /** Tell the page something. */
  tell(message: ToPage): void {
    this._frame.contentWindow?.postMessage(message, window.location.origin);
  }

  protected override onActivateRequest(_message: Message): void {
    this._frame.focus();
  }

  /** A page that was closed is gone: the next one is a new one. */
  protected override onCloseRequest(_message: Message): void {
    this.dispose();
  }

  private readonly _frame = document.createElement('iframe');
}
