// JupyterLab around our frame (labextensions/drydock/src/messages.ts): what it is asked for, and what it tells.
// In a browser tab of its own a page has no JupyterLab: then nothing is unsaved, and nothing is opened beside it.

const PATIENCE = 5000; // milliseconds for saving what is open
const framed = window.parent !== window;

let tickets = 0;
const waiting = new Map(); // ticket -> what is told the answer

/** Whether JupyterLab is around the page. */
export function inLab() {
  return framed && "framed" in document.documentElement.dataset;
}

/** Ask JupyterLab for something. */
export function tellLab(message) {
  if (framed) window.parent.postMessage(message, location.origin);
}

/**
 * Save the open files of an exercise.
 *
 * @param {string} exercise its id
 * @returns {Promise<string[]>} names of those that could not be saved
 */
export function saveOpenFiles(exercise) {
  if (!framed) return Promise.resolve([]);
  const ticket = String((tickets += 1));
  tellLab({ drydock: "save", exercise, ticket });
  return new Promise((resolve) => {
    waiting.set(ticket, resolve);
    setTimeout(() => settle(ticket, []), PATIENCE); // a JupyterLab without our extension does not answer
  });
}

/** Call `told(names)` with the exercise's files that are not saved, now and whenever that changes. */
export function watchUnsaved(exercise, told) {
  if (!framed) return;
  window.addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.source !== window.parent) return;
    const { drydock, names, ticket, failed } = event.data ?? {};
    if (drydock === "unsaved") told(names);
    else if (drydock === "saved") settle(ticket, failed);
  });
  tellLab({ drydock: "hello", exercise });
}

function settle(ticket, failed) {
  waiting.get(ticket)?.(failed);
  waiting.delete(ticket);
}
