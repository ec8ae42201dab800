// What our pages, which live in frames, and JupyterLab tell one another (window.postMessage, same origin).
// The pages' side is grader/panel/static/lab.js.

/** What a page asks for. */
export type FromPage =
  | { drydock: 'open'; path: string; heading?: string }
  | { drydock: 'terminal'; folder: string }
  | { drydock: 'hello'; exercise: string }
  | { drydock: 'save'; exercise: string; ticket: string }
  | { drydock: 'revert'; exercise: string };

/** What a page is told. */
export type ToPage =
  | { drydock: 'unsaved'; names: string[] }
  | { drydock: 'saved'; ticket: string; failed: string[] };

const TEXTS: Record<FromPage['drydock'], readonly string[]> = {
  open: ['path'],
  terminal: ['folder'],
  hello: ['exercise'],
  save: ['exercise', 'ticket'],
  revert: ['exercise']
};

/** Read a message; null for one that is not ours, or not whole. */
export function fromPage(data: unknown): FromPage | null {
  if (typeof data !== 'object' || data === null) {
    return null;
  }
  const given = data as Record<string, unknown>;
  const texts = Object.hasOwn(TEXTS, String(given.drydock)) ? TEXTS[given.drydock as FromPage['drydock']] : null;
  if (!texts?.every(name => typeof given[name] === 'string')) {
    return null;
  }
  if (given.heading !== undefined && given.heading !== null && typeof given.heading !== 'string') {
    return null;
  }
  return given as FromPage;
}
