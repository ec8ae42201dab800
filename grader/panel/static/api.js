// The server's side of the pages: relative addresses only, since the base URL can be anything.

const HERE = location.pathname;
const AT = HERE.lastIndexOf("/drydock");

/** Path of the Jupyter server, ending in a slash. */
export const BASE = HERE.slice(0, AT + 1);
const API = `${BASE}drydock/api/`;

/** The exercise's id, of a panel's address; the chapter's number, of that of its drills. */
export const EXERCISE = decodeURIComponent(HERE.slice(AT).split("/")[3] ?? "");

/** An answer that is not what was asked for. `lost`: there was no answer at all. */
export class Refused extends Error {
  constructor(message, nextStep = "", { lost = false, status = 0 } = {}) {
    super(message);
    this.nextStep = nextStep;
    this.lost = lost;
    this.status = status;
  }
}

const AGAIN_AFTER = 400;
/** Milliseconds: a connection that died without a word must not keep a page waiting for ever. */
export const PATIENCE = 8000;
const NO_ANSWER = ["The server does not answer.", "What you see is kept. Try again in a moment."];
const SIGNED_OUT = ["The server does not know you any more.", "Reload JupyterLab and sign in again."];

/** Address of something below the api. */
export function address(path) {
  return API + path;
}

/** Get an object; of what is there at once, `within` so many milliseconds. */
export function get(path, within = 0) {
  return ask(path, { method: "GET", within }, true);
}

/** Post an object and get one. `again`: it may be sent twice. */
export function post(path, body = {}, again = false) {
  const headers = { "Content-Type": "application/json", "X-XSRFToken": token() };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, again);
}

async function ask(path, options, again) {
  const { within, ...request } = options;
  const signal = within ? AbortSignal.timeout(within) : null;
  let answer;
  try {
    answer = await fetch(address(path), { cache: "no-store", credentials: "same-origin", signal, ...request });
  } catch {
    if (again) {
      // A container that starts changes the machine's network, and the browser drops what is on its way.
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER));
      return ask(path, options, false);
    }
    throw new Refused(...NO_ANSWER, { lost: true });
  }
  const { status } = answer;
  if (status === 502 || status === 503 || status === 504) throw new Refused(...NO_ANSWER, { lost: true, status });
  if (answer.redirected && answer.url.includes("/login")) throw new Refused(...SIGNED_OUT, { status: 403 });
  let value;
  try {
    value = await answer.json();
  } catch {
    value = null;
  }
  if (answer.ok && value !== null) return value;
  if (status === 401 || status === 403) throw new Refused(...SIGNED_OUT, { status });
  throw new Refused(
    value?.message || `The server answered with status ${status}.`,
    value?.next_step ?? "Try again. If it stays so, restart JupyterLab.",
    { status },
  );
}

function token() {
  return decodeURIComponent(document.cookie.match(/(?:^|;\s*)_xsrf=([^;]*)/)?.[1] ?? "");
}
