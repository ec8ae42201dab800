// Links to the learner's files: in JupyterLab's frame they open beside the panel, in a browser tab of their own they lead there.

import { BASE } from "./api.js";
import { attribute } from "./dom.js";
import { tellLab } from "./lab.js";

/** Make a link open a path of JupyterLab's; of a notebook, at a heading. */
export function aim(link, path, heading = null) {
  attribute(link, "data-open", path);
  attribute(link, "data-heading", heading);
  attribute(link, "href", `${BASE}lab/tree/${path.split("/").map(encodeURIComponent).join("/")}`);
}

/** Make a link open one of our pages: in JupyterLab's frame in a tab of its own, elsewhere where the reader is. */
export function aimAtPage(link, exercise = "") {
  attribute(link, "data-open", exercise ? `drydock:exercise/${exercise}` : "drydock:home");
  attribute(link, "href", `${BASE}drydock/${exercise ? `exercise/${encodeURIComponent(exercise)}` : ""}`);
}

/** Make a link open the drills of a chapter. */
export function aimAtDrills(link, chapter) {
  attribute(link, "data-open", `drydock:drills/${chapter}`);
  attribute(link, "href", `${BASE}drydock/drills/${chapter}`);
}

/** Make a link open the live map of the engine: in JupyterLab's frame the side bar. */
export function aimAtMap(link) {
  attribute(link, "data-open", "drydock:map");
  attribute(link, "href", `${BASE}drydock/map`);
}

/** Send clicks on such links to JupyterLab. */
export function openInLab() {
  if (window.parent === window) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-open]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    tellLab({ drydock: "open", path: link.dataset.open, heading: link.dataset.heading });
  });
}
