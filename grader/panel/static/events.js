// The stream of an exercise's events, or of a chapter's drills, kept alive: a server that goes away and comes back is found again by itself.

import { PATIENCE, address } from "./api.js";
import { watchVisible } from "./visible.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
// A browser allows six connections to a server. A page that nobody sees gives its own back, unless a check is running.
const REST_AFTER = 2_000;

/**
 * Listen to the server.
 *
 * @param {string} what its address below the api, e.g. exercise/05-x
 * @param {{state: Function, output: Function, opened: Function, lost: Function, busy: () => boolean}} on
 *   `opened`: before the first event of each connection; `lost`: it is gone; `busy`: whether to stay though nobody looks
 * @returns {{live: () => boolean}}
 */
export function listen(what, on) {
  let source = null;
  let live = false;
  let wait = FIRST_WAIT;
  let timer = 0;
  let resting = 0;

  function open() {
    clearTimeout(timer);
    if (source) return;
    source = new EventSource(address(`${what}/events`));
    timer = setTimeout(again, PATIENCE); // a connection that died without a word
    source.addEventListener("open", () => {
      clearTimeout(timer);
      live = true;
      wait = FIRST_WAIT;
      on.opened();
    });
    source.addEventListener("state", (event) => on.state(JSON.parse(event.data)));
    source.addEventListener("output", (event) => on.output(JSON.parse(event.data)));
    source.addEventListener("error", again);
  }

  /** EventSource gives up after an answer that is no stream (a proxy's 502); so it is made again each time. */
  function again() {
    clearTimeout(timer);
    close();
    on.lost();
    timer = setTimeout(open, wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }

  function close() {
    source?.close();
    source = null;
    live = false;
  }

  function rest() {
    if (on.busy()) resting = setTimeout(rest, REST_AFTER);
    else {
      clearTimeout(timer);
      close();
    }
  }

  watchVisible((visible) => {
    clearTimeout(resting);
    if (visible) open();
    else resting = setTimeout(rest, REST_AFTER);
  });
  window.addEventListener("online", open);
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => event.persisted && open());
  open();
  return { live: () => live };
}
