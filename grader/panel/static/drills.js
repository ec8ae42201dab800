// The drills of a chapter. The server looks at the engine; the page shows what it saw.

import { EXERCISE as CHAPTER, post } from "./api.js";
import { attribute, each, hide, icon, loaded, make, setIcon, text, textOrHide } from "./dom.js";
import { listen } from "./events.js";
import { inLab, tellLab } from "./lab.js";
import { aim, aimAtMap, aimAtPage, openInLab } from "./links.js";
import { found, lost, notifyRefused } from "./notices.js";

const $ = (id) => document.getElementById(id);
const PHASES = {
  // phase -> icon, word
  new: ["new", "not begun"],
  preparing: ["running", "being prepared…"],
  open: ["begun", "begun"],
  done: ["pass", "done"],
};
const busy = new Set(); // ids of drills that were asked for and are not there yet

function render(state) {
  const { drills } = state;
  text($("title"), `Drills: ${state.title || `chapter ${CHAPTER}`}`);
  hide($("chapter"), !state.path);
  if (state.path) {
    text($("chapter"), `Chapter ${CHAPTER}`);
    aim($("chapter"), state.path);
  }
  const done = drills.filter((one) => one.times_done).length;
  hide($("done").parentElement, !drills.length);
  text($("done"), String(done));
  text($("of"), `of ${drills.length} done`);
  attribute($("terminal"), "data-folder", state.folder ?? "");
  hide($("terminal"), state.folder === null || !inLab());
  hide($("files"), !state.files);
  textOrHide($("drill-notice"), state.notice);
  textOrHide($("engine"), state.trouble);
  each($("drills"), drills, drillView, fillDrill);
  hide($("none"), drills.length > 0);
  attribute($("drills"), "aria-busy", null);
}

function drillView() {
  const begin = make("button", { type: "button", class: "begin" });
  const node = make(
    "li",
    { class: "drill" },
    make("div", { class: "drill-head" }, icon("new"), make("h2", {}, make("span"), make("small", { class: "quiet-text" })), begin),
    make("p", { class: "task" }),
    make("ul", { class: "steps" }),
    make("p", { class: "line", role: "status", "aria-live": "polite" }),
  );
  begin.addEventListener("click", () => start(node.dataset.drill, begin.dataset.action));
  return node;
}

function fillDrill(node, drill) {
  const [head, task, steps, line] = node.children;
  const [mark, heading, begin] = head.children;
  const phase = busy.has(drill.id) ? "preparing" : drill.phase;
  const [shape, word] = PHASES[phase] ?? PHASES.new;
  attribute(node, "data-drill", drill.id);
  attribute(node, "data-testid", `drill-${drill.id}`);
  attribute(node, "data-phase", phase);
  setIcon(mark, phase === "new" && drill.times_done ? "pass" : shape);
  text(heading.firstElementChild, drill.title);
  text(heading.lastElementChild, phase === "new" && drill.times_done ? "done before" : word);
  attribute(begin, "data-action", phase === "new" ? "begin" : "again");
  text(begin, phase === "new" ? "Begin" : phase === "preparing" ? "Preparing…" : phase === "done" ? "Once more" : "From the start");
  attribute(begin, "aria-label", `${begin.textContent}: ${drill.title}`);
  attribute(begin, "aria-disabled", phase === "preparing" ? "true" : null);
  begin.classList.toggle("primary", phase === "new" && !drill.times_done);
  const shown = phase === "open" || phase === "done";
  hide(task, !shown);
  if (shown) fillTask(task, drill.task);
  hide(steps, !shown);
  each(steps, shown ? drill.steps : [], stepView, fillStep);
  textOrHide(line, !shown ? "" : phase === "done" ? "Done." : drill.line);
}

function stepView() {
  return make("li", {}, icon("new"), make("span", { class: "unseen" }), make("span"));
}

function fillStep(node, step) {
  setIcon(node.firstElementChild, step.done ? "pass" : "new");
  attribute(node, "data-done", step.done ? "true" : null);
  text(node.children[1], step.done ? "Done: " : "Not yet: ");
  text(node.lastElementChild, step.title);
}

/** A task's text, with what stands in backticks as code that is copied by a click. */
function fillTask(node, task) {
  if (node.dataset.text === task) return;
  node.dataset.text = task;
  node.replaceChildren(
    ...task.split(/(`[^`]+`|\n)/).map((part) => {
      if (part === "\n") return make("br");
      return part.startsWith("`") ? make("code", { text: part.slice(1, -1) }) : part;
    }),
  );
}

async function start(drill, action) {
  if (busy.has(drill)) return;
  const at = received;
  busy.add(drill);
  if (newest) render(newest);
  try {
    const answer = await post(`drill/${encodeURIComponent(drill)}/${action}`);
    if (received === at) newest = answer; // else the stream has told newer things, or is about to
  } catch (error) {
    notifyRefused(error);
  }
  busy.delete(drill);
  if (newest) render(newest);
}

let newest = null; // state from the server
let received = 0; // how many states the stream has sent

$("terminal").addEventListener("click", () => tellLab({ drydock: "terminal", folder: $("terminal").dataset.folder }));

for (const link of document.querySelectorAll("a.home-link")) aimAtPage(link);
aimAtMap($("engine-map"));
loaded();
openInLab();
listen(`drills/${CHAPTER}`, {
  opened: found,
  state: (state) => {
    received += 1;
    newest = state;
    render(state);
  },
  output: () => undefined,
  lost,
  busy: () => false,
});
