// The attempts, newest first.

import { attribute, each, hide, icon, make, setIcon, text } from "./dom.js";
import { moment, points } from "./words.js";

const SHOWN = 50;

/**
 * The fold with the attempts.
 *
 * @param {HTMLDetailsElement} fold
 * @param {HTMLElement} place
 * @param {HTMLElement} note
 */
export function historyView(fold, place, note) {
  return (attempts, all) => {
    const newest = [...attempts].sort((one, other) => (one.at < other.at ? 1 : -1)).slice(0, SHOWN);
    hide(fold, !newest.length);
    text(note, all > newest.length ? `The newest ${newest.length} of ${all}.` : "");
    each(place, newest, row, (node, one) => {
      const share = one.max_score ? (one.score ?? 0) / one.max_score : 0;
      attribute(node, "data-outcome", one.full ? "pass" : "fail");
      setIcon(node.querySelector("svg"), one.full ? "pass" : "fail");
      text(node.querySelector(".score"), `${points(one.score)} of ${points(one.max_score)}`);
      text(node.querySelector(".word"), one.full ? "all passed" : "not yet all");
      node.querySelector(".meter > i").style.inlineSize = `${100 * share}%`;
      const time = node.querySelector("time");
      attribute(time, "datetime", one.at);
      text(time, moment(one.at));
    });
  };
}

function row() {
  return make(
    "li",
    {},
    icon("fail"),
    make("span", { class: "score" }),
    make("span", { class: "meter", "aria-hidden": "true" }, make("i")),
    make("span", { class: "word" }),
    make("time"),
  );
}
