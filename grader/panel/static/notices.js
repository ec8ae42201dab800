// What the learner must not miss: errors and news that can be dismissed, and the banner of a lost server.

import { hide, icon, make, text } from "./dom.js";

const AT_MOST = 3;
const PATIENCE = 1200; // a blink of the network is not worth a word

const place = document.getElementById("notices");
const banner = document.getElementById("lost");
const said = document.getElementById("said");
let timer = 0;

/** Show a message until it is dismissed. `kind`: "error", "good" or "plain". The same message is shown once. */
export function notify(message, nextStep = "", kind = "plain") {
  const same = [...place.children].find((one) => one.dataset.message === message + nextStep);
  if (same) same.remove();
  const close = make("button", { type: "button", class: "quiet icon-only", "aria-label": "Dismiss" }, icon("close"));
  const notice = make(
    "div",
    { class: "notice", "data-kind": kind, "data-message": message + nextStep, "data-testid": "notice" },
    make("div", {}, make("p", { class: "strong", text: message }), ...(nextStep ? [make("p", { text: nextStep })] : [])),
    close,
  );
  close.addEventListener("click", () => {
    const back = notice.nextElementSibling?.querySelector("button") ?? document.getElementById("check") ?? document.querySelector("h1");
    notice.remove();
    back?.focus();
  });
  while (place.children.length >= AT_MOST) place.lastElementChild.remove();
  place.prepend(notice);
}

/** Show what a request was refused with. */
export function notifyRefused(error) {
  notify(error.message, error.nextStep ?? "", "error");
}

/** The server is gone. */
export function lost(atOnce = false) {
  clearTimeout(timer);
  if (!banner.hidden) return;
  if (atOnce) hide(banner, false);
  else timer = setTimeout(() => hide(banner, false), PATIENCE);
}

/** The server is there. */
export function found() {
  clearTimeout(timer);
  if (banner.hidden) return;
  hide(banner);
  for (const notice of [...place.children]) {
    if (notice.dataset.message.startsWith("The server does not answer.")) notice.remove();
  }
  text(said, "The server is back.");
  setTimeout(() => text(said, ""), 4000);
}
