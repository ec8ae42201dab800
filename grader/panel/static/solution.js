// The solution beside the learner's own files.

import { each, hide, make, text } from "./dom.js";
import { list } from "./words.js";

const SIDE = { same: "", yours: "yours", solution: "solution", gap: "" };
const SIGN = { same: " ", yours: "−", solution: "+", gap: " " };

/**
 * The section with the solution.
 *
 * @param {HTMLElement} section
 * @returns {(solution: object) => void} shows it
 */
export function solutionView(section) {
  const place = section.querySelector(".solution-files");
  const others = section.querySelector(".others");
  const title = section.querySelector("h2");
  section.querySelector(".close").addEventListener("click", () => {
    hide(section);
    document.getElementById("solution").focus();
  });
  return ({ files, others: names }) => {
    each(place, files, fileView, fill);
    text(others, names.length ? `There are other right ways too, for example: ${list(names)}.` : "");
    hide(section, false);
    title.focus();
  };
}

function fileView() {
  return make(
    "article",
    {},
    make("h3"),
    make("p", { class: "quiet-text" }),
    make("pre", { class: "log diff", tabindex: "0", role: "region" }),
    make("details", {}, make("summary"), make("pre", { class: "log", tabindex: "0", role: "region" })),
  );
}

function fill(node, { name, text: whole, diff }) {
  const [title, note, changes, fold] = node.children;
  text(title, name);
  changes.setAttribute("aria-label", `${name}: yours and the solution's`);
  changes.replaceChildren(
    ...diff.slice(diff[0]?.kind === "gap" ? 1 : 0).map(({ kind, text: line }) =>
      make(
        "div",
        { class: `line ${kind}` },
        make("span", { class: "sign", "aria-hidden": "true", text: SIGN[kind] ?? " " }),
        ...(SIDE[kind] ? [make("span", { class: "unseen", text: `${SIDE[kind]}: ` })] : []),
        make("span", { text: kind === "gap" ? " " : line }),
      ),
    ),
  );
  hide(changes, !diff.length);
  text(
    note,
    whole === null ? "This file is not text: look at it in the file browser." : diff.length ? "" : "Yours is the same.",
  );
  hide(note, !note.textContent);
  hide(fold, whole === null);
  text(fold.firstElementChild, `The solution’s ${name}, whole`);
  text(fold.lastElementChild, whole ?? "");
  fold.lastElementChild.setAttribute("aria-label", `The solution’s ${name}`);
}
