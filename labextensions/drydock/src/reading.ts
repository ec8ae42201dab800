import { Notebook, NotebookPanel } from '@jupyterlab/notebook';

import { CellText, headingPlace, plain } from './cells';

const LOOK_EVERY = 250; // milliseconds
const STEADY = 4; // looks at which the heading stood where it belongs
const AT_MOST = 60; // looks

/** The cells of a notebook as text. */
export function texts(notebook: Notebook): CellText[] {
  const cells = notebook.model?.cells;
  return cells ? Array.from(cells, cell => ({ type: cell.type, source: cell.sharedModel.getSource() })) : [];
}

/**
 * Bring a heading of a notebook to the top of the view, and select nothing.
 *
 * Cells take their place only as they come into sight, and then the heading moves: so look again until it stays where it is,
 * or until the reader takes over.
 */
export async function goTo(panel: NotebookPanel, heading: string): Promise<void> {
  await panel.context.ready;
  await panel.revealed;
  const notebook = panel.content;
  const reader = new AbortController();
  for (const event of ['wheel', 'pointerdown', 'keydown']) {
    panel.node.addEventListener(event, () => reader.abort(), { once: true, capture: true, signal: reader.signal });
  }
  let steady = 0;
  for (let look = 0; look < AT_MOST && steady < STEADY; look += 1) {
    if (reader.signal.aborted || panel.isDisposed) {
      return;
    }
    steady = (await aim(notebook, heading)) ? steady + 1 : 0;
    await new Promise(done => window.setTimeout(done, LOOK_EVERY));
  }
  reader.abort();
}

/** Scroll to a heading; whether it was there already. */
async function aim(notebook: Notebook, heading: string): Promise<boolean> {
  const place = headingPlace(texts(notebook), heading);
  if (place < 0 || !notebook.isVisible) {
    return false;
  }
  const cell = notebook.widgets[place];
  const element = find(cell?.node, heading);
  if (!element) {
    await notebook.scrollToItem(place, 'start').catch(() => undefined);
    return false;
  }
  if (notebook.activeCellIndex !== place) {
    notebook.activeCellIndex = place;
  }
  notebook.deselectAll();
  const view = notebook.outerNode.getBoundingClientRect();
  const off = element.getBoundingClientRect().top - view.top;
  const atEnd = notebook.outerNode.scrollTop + notebook.outerNode.clientHeight >= notebook.outerNode.scrollHeight - 1;
  if (Math.abs(off) < 40 || (atEnd && off > 0 && off < view.height)) {
    return true;
  }
  notebook.outerNode.scrollTop += off - 8;
  return false;
}

function find(node: HTMLElement | undefined, heading: string): HTMLElement | null {
  if (!node?.isConnected) {
    return null;
  }
  const wanted = plain(heading);
  for (const element of node.querySelectorAll<HTMLElement>('h1, h2, h3, h4, h5, h6')) {
    const shown = element.cloneNode(true) as HTMLElement;
    shown.querySelectorAll('.jp-InternalAnchorLink').forEach(link => link.remove());
    if (plain(shown.textContent ?? '') === wanted) {
      return element;
    }
  }
  return null;
}
