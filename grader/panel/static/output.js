// What the engine is doing: the last lines of its output, as they come.

import { hide, text } from "./dom.js";

const KEPT = 2000;
const PACE = 150; // milliseconds between two paintings: a build can print thousands of lines a second

/**
 * The fold with the lines.
 *
 * @param {{lines: HTMLElement, note: HTMLElement, last: HTMLElement, end: HTMLElement, fold: HTMLDetailsElement}} parts
 */
export function outputView({ lines, note, last, end, fold }) {
  let waiting = []; // lines that are not painted yet
  let timer = 0;
  let next = 0; // the number of the line after the last that is here
  let fresh = false; // a new connection: what comes first is all that the server has
  let following = true;

  const atEnd = () => lines.scrollHeight - lines.scrollTop - lines.clientHeight < 24;
  const toEnd = () => {
    lines.scrollTop = lines.scrollHeight;
  };

  lines.addEventListener("scroll", () => {
    following = atEnd();
    hide(end, following);
  });
  end.addEventListener("click", () => {
    toEnd();
    lines.focus({ preventScroll: true });
  });
  fold.addEventListener("toggle", () => fold.open && following && toEnd());

  function clear() {
    waiting = [];
    lines.replaceChildren();
    next = 0;
    following = true;
    hide(end);
    tell();
  }

  function tell() {
    const left = next - lines.childElementCount;
    text(note, left > 0 ? `The last ${lines.childElementCount} of ${next} lines.` : "");
    text(last, lines.lastElementChild?.textContent ?? "");
  }

  /** Take an event of the stream. */
  function take({ reset, lines: given = [], first = next }) {
    if (reset) clear();
    if (!given.length) return;
    if (fresh) paint();
    // Numbers begin again with each run. After a connection was lost, a list that ends before ours is another run's.
    if (first > next || (fresh && (first + given.length < next || !agrees(given, first)))) clear();
    fresh = false;
    const news = given.slice(Math.max(0, next - first, given.length - KEPT));
    if (!news.length) return;
    next = first + given.length;
    waiting.push(...news);
    if (waiting.length > KEPT) waiting = waiting.slice(-KEPT);
    timer ||= setTimeout(paint, PACE);
  }

  function paint() {
    clearTimeout(timer);
    timer = 0;
    if (!waiting.length) return;
    const more = document.createDocumentFragment();
    for (const line of waiting) {
      const row = document.createElement("div");
      row.textContent = line || " ";
      more.append(row);
    }
    if (waiting.length === KEPT) lines.replaceChildren(more);
    else lines.append(more);
    waiting = [];
    const surplus = lines.childElementCount - KEPT;
    if (surplus > 0) {
      const before = lines.scrollHeight;
      for (let index = 0; index < surplus; index += 1) lines.firstElementChild.remove();
      if (!following) lines.scrollTop -= before - lines.scrollHeight; // the reader stays at the line they read
    }
    if (following && fold.open) toEnd();
    tell();
  }

  function agrees(given, first) {
    const begin = next - lines.childElementCount;
    const from = Math.max(begin, first);
    for (let number = from; number < Math.min(next, first + given.length); number += 1) {
      if (lines.children[number - begin].textContent !== (given[number - first] || " ")) return false;
    }
    return true;
  }

  return { take, connected: () => (fresh = true), clear };
}
