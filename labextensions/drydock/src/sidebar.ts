import { PageConfig } from '@jupyterlab/coreutils';
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { mapIcon } from './icon';
import { MAP, pageCaption } from './names';

/** The live map of the engine, in the side bar. While it is folded away, the page is not loaded, or does not listen. */
export class SideMap extends Widget {
  constructor() {
    super();
    this.id = 'drydock-map-side';
    this.addClass('drydock-page');
    this.addClass('jp-IFrame');
    this.title.icon = mapIcon;
    this.title.caption = pageCaption(MAP);
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Live map');
    this._frame.title = pageCaption(MAP);
    this.node.append(this._frame);
  }

  protected override onAfterShow(_message: Message): void {
    this._load();
  }

  protected override onAfterAttach(_message: Message): void {
    if (this.isVisible) {
      this._load();
    }
  }

  protected override onActivateRequest(_message: Message): void {
    this._frame.focus();
  }

  private _load(): void {
    if (!this._frame.src) {
      this._frame.src = `${PageConfig.getBaseUrl()}drydock/${MAP}`;
    }
  }

  private readonly _frame = document.createElement('iframe');
}
