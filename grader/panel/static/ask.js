// Questions before something that cannot be taken back.

import { hide, text } from "./dom.js";

const dialog = document.getElementById("ask");
const [title, body, yes, no] = ["title", "body", "yes", "no"].map((part) => document.getElementById(`ask-${part}`));

/**
 * Ask, and resolve to whether the answer was yes. Without `yes` there is only something to say.
 *
 * @param {{title: string, body: string[], yes?: string, no: string, danger?: boolean}} question
 */
export function ask(question) {
  text(title, question.title);
  body.replaceChildren(
    ...question.body.map((sentence) => {
      const line = document.createElement("p");
      line.textContent = sentence;
      return line;
    }),
  );
  text(no, question.no);
  text(yes, question.yes ?? "");
  hide(yes, !question.yes);
  yes.classList.toggle("danger", Boolean(question.danger));
  dialog.returnValue = "";
  dialog.showModal(); // and when it closes, the focus is back where it was
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
