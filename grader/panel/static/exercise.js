// The panel of one exercise. The server has the state; the page shows it and asks for changes.

import { EXERCISE, PATIENCE, get, post } from "./api.js";
import { ask } from "./ask.js";
import { checkList } from "./checks.js";
import { attribute, each, hide, loaded, make, rememberFold, text, textOrHide } from "./dom.js";
import { listen } from "./events.js";
import { handIn } from "./handin.js";
import { historyView } from "./history.js";
import { inLab, saveOpenFiles, tellLab, watchUnsaved } from "./lab.js";
import { aim, aimAtPage, openInLab } from "./links.js";
import { found, lost, notify, notifyRefused } from "./notices.js";
import { outputView } from "./output.js";
import { pictureView } from "./pictures.js";
import { solutionView } from "./solution.js";
import { decidedSince, verdict } from "./verdict.js";
import { DECIDED, count, list, moment, points, seconds } from "./words.js";

const $ = (id) => document.getElementById(id);
const REPEATABLE = new Set(["check", "cancel", "watch", "solution"]); // done twice, they do no more than once
const DOUBLE_CLICK = 700; // a second click this soon was not meant to cancel

let state = null; // the newest from the server
let received = 0; // how many came by the stream
let wish = null; // what was asked for and is not yet confirmed: {phase} or {watch}
let outcomes = null; // check id -> outcome, of the state before
let news = "";
let pressedAt = 0;
let unsaved = []; // names of files whose editors hold what is not on the disk
let stream = null;

const updateChecks = checkList($("checks"), (check) => act("hint", { check }));
const updateHistory = historyView($("history"), $("history-list"), $("history-note"));
const updatePictures = pictureView($("pictures"), $("picture-list"), EXERCISE, rememberFold($("pictures"), "pictures"));
const showSolution = solutionView($("solution-view"));
const output = outputView({
  lines: $("output-lines"),
  note: $("output-note"),
  last: $("output-last"),
  end: $("output-end"),
  fold: $("output"),
});
for (const id of ["output", "history"]) rememberFold($(id), id);

// What is shown

function shown() {
  if (!wish) return state;
  const wished = { ...state, ...wish };
  if (wish.phase === "running" && state.phase === "idle") {
    wished.checks = state.checks.map((check) => ({ ...check, outcome: "waiting" }));
    wished.run = { ...state.run, verdict: "running" };
  }
  return wished;
}

function render() {
  const now = shown();
  for (const id of ["check", "watch", "reset", "solution", "hand-in"]) $(id).disabled = false; // until now nobody would have heard a press
  const busy = now.phase !== "idle";
  const running = busy || now.run?.verdict === "running";

  text($("title"), now.title);
  text($("id"), now.id);
  attribute($("terminal"), "data-folder", now.folder);
  hide($("terminal"), !now.folder || !inLab());
  hide($("best").parentElement, false);
  text($("best"), now.attempts ? points(now.best) : "–");
  text($("max"), `of ${points(now.max_score)}`);
  text($("attempts"), now.attempts ? `best of ${count(now.attempts, "attempt")}` : "no attempts yet");

  const check = $("check");
  text(check.querySelector(".label"), { idle: "Check", running: "Cancel", stopping: "Stopping…" }[now.phase]);
  attribute(check, "data-phase", now.phase);
  attribute(check, "aria-disabled", now.phase === "stopping" ? "true" : null);
  attribute(check, "aria-keyshortcuts", busy ? "Escape" : "c");
  attribute($("watch"), "aria-checked", String(now.watch));
  attribute($("reset"), "aria-disabled", busy ? "true" : null);

  hide($("brief"), !now.brief);
  if (now.brief) aim($("brief"), now.brief);
  hide(document.querySelector(".files"), !now.files.length && !now.brief);
  each($("files"), now.files, () => make("li"), fileLink);

  tellVerdict(now, running);
  each(
    $("segments"),
    now.checks,
    () => make("i"),
    (segment, { outcome, max_points: worth }) => {
      attribute(segment, "data-outcome", outcome);
      segment.style.flexGrow = Math.max(worth, 0.25);
    },
  );
  const { trouble } = (!running && now.run) || {};
  updateChecks(now.checks, running, trouble?.message ?? "");
  textOrHide($("nothing"), now.checks.length ? "" : "This exercise has no checks.");

  hide($("trouble"), !trouble);
  text($("trouble-message"), trouble?.message ?? "");
  textOrHide($("trouble-next"), trouble?.next_step);
  showUnkept(now, running);
  showNext(now, running);
  const notes = running ? [] : (now.run?.notes ?? []);
  each($("notes"), notes, () => make("li"), text);
  hide($("notes"), !notes.length);

  updatePictures(running ? [] : (now.pictures ?? []), `${now.run?.started_at} ${now.run?.verdict}`);
  updateHistory(now.history ?? [], now.attempts);
}

function tellVerdict(now, running) {
  const [tone, line] = verdict(now, running ? news : "");
  attribute($("verdict"), "data-tone", tone);
  text($("verdict-line"), line);
  const { run } = now;
  const about = [];
  if (!running && run) {
    if (unsaved.length) about.push(`Not saved yet: ${list(unsaved)}. Check saves first.`);
    else if (now.changed) about.push("Your files have changed since: check again.");
    if (run.started_at) about.push(moment(run.started_at));
    if (run.duration_s !== null) about.push(seconds(run.duration_s));
    if (run.engine) about.push(run.engine);
  } else if (running) {
    const decided = now.checks.filter((check) => DECIDED.has(check.outcome)).length;
    about.push(`${decided} of ${now.checks.length} decided`);
  }
  attribute($("verdict"), "data-changed", !running && run && (now.changed || unsaved.length > 0));
  text($("verdict-about"), about.join(" · ") || " ");
  const score = run?.verdict === "decided" && !running ? `${points(run.score)} of ${points(now.max_score)} · ` : "";
  document.title = `${running ? "Checking · " : score}${now.title}`;
}

/** An attempt that could not be kept is said where the verdict stands. */
function showUnkept(now, running) {
  const unkept = running ? [] : [...new Set([...(now.run?.unkept ?? []), ...(now.notice ? [now.notice] : [])])];
  each($("unkept-list"), unkept, () => make("p"), text);
  hide($("unkept"), !unkept.length);
}

/** After a full score: where to go on, and the way home. */
function showNext(now, running) {
  const done = !running && now.run?.verdict === "decided" && now.run.full;
  hide($("next"), !done);
  if (!done) return;
  const link = $("next-link");
  hide(link, !now.next?.path);
  text(link, now.next ? `Next: ${now.next.title}` : "");
  if (now.next?.path) aim(link, now.next.path);
  text($("next-why"), now.next ? "" : "That was the last one: every exercise has its full score.");
  hide($("next-why"), Boolean(now.next));
}

function fileLink(item, { name, path, exists }) {
  let [link, missing, dirty] = item.children;
  if (!link) {
    link = make("a");
    missing = make("span", { class: "quiet-text" });
    dirty = make("span", { class: "unsaved", text: "unsaved", "data-testid": "unsaved" });
    item.append(link, missing, dirty);
  }
  hide(dirty, !unsaved.includes(name));
  text(link, exists ? name : "");
  hide(link, !exists);
  if (exists) aim(link, path);
  text(missing, exists ? "" : `${name} (not there)`);
  hide(missing, exists);
}

/** Take a state of the server's. */
function take(fresh) {
  const before = outcomes;
  const begins = fresh.run?.verdict === "running" && !fresh.checks.some((check) => DECIDED.has(check.outcome));
  if (begins) news = "";
  const more = before && fresh.run?.verdict === "running" ? decidedSince(begins ? null : before, fresh.checks) : "";
  news = more || news;
  outcomes = new Map(fresh.checks.map((check) => [check.id, check.outcome]));
  state = fresh;
  render();
}

// What can be done

/** Ask the server for something; `wished` is shown at once, until the server has spoken. */
async function act(action, body = {}, wished = null) {
  if (!state) return null;
  const at = received;
  if (wished) {
    wish = wished;
    news = "";
    render();
  }
  try {
    const answer = await post(`exercise/${encodeURIComponent(EXERCISE)}/${action}`, body, REPEATABLE.has(action));
    const fresh = answer.state ?? (answer.checks ? answer : null);
    const overtaken = stream?.live() && received !== at; // the stream has told newer things, or is about to
    if (overtaken) setTimeout(settle, 1000, wished);
    else if (wish === wished) wish = null;
    if (fresh && !overtaken) take(fresh);
    return answer;
  } catch (error) {
    settle(wished);
    notifyRefused(error);
    return null;
  }
}

/** What was wished is no longer shown ahead of the server. */
function settle(wished) {
  if (!wished || wish !== wished) return;
  wish = null;
  render();
}

/** Whether a state shows that the server has heard the wish. */
function heard({ phase, watch }) {
  if (wish.watch !== undefined) return watch === wish.watch;
  return phase !== (wish.phase === "running" ? "idle" : "running");
}

async function check() {
  if (!state || shown().phase !== "idle") return;
  pressedAt = performance.now();
  const wished = { phase: "running" };
  wish = wished;
  news = "";
  render();
  if (await savedAll()) act("check", {}, wished);
  else settle(wished);
}

/** Save what is open, since what is on the disk is what counts; whether that worked. */
async function savedAll() {
  const failed = await saveOpenFiles(EXERCISE);
  if (failed.length) notify(`${list(failed)} could not be saved, so nothing was done.`, "Save in the editor, then try again.", "error");
  return !failed.length;
}

function cancel() {
  if (!state || shown().phase !== "running" || performance.now() - pressedAt < DOUBLE_CLICK) return;
  act("cancel", {}, { phase: "stopping" });
}

async function reset() {
  if (!state) return;
  if (shown().phase !== "idle") {
    await ask({ title: "A check is running", body: ["Cancel it first, or wait until it is done."], no: "Close" });
    return;
  }
  const yes = await ask({
    title: "Put the starter files back?",
    body: [
      "The files of this exercise will be as they were when you began.",
      "What you have now is kept in a backup first. Your attempts and your score stay.",
    ],
    yes: "Reset",
    no: "Keep my files",
    danger: true,
  });
  if (!yes || !(await savedAll())) return; // what is not saved yet goes to the backup as well
  const answer = await act("reset");
  if (!answer) return;
  tellLab({ drydock: "revert", exercise: EXERCISE });
  notify(
    "The starter files are back.",
    answer.backup ? `Your own (${answer.kept.join(", ")}) are kept in ${answer.backup}` : "There was nothing of yours to keep.",
    "good",
  );
}

async function solution() {
  if (!state) return;
  const { open, why, opened, earned = state.best === state.max_score } = state.solution;
  if (!open) {
    await ask({ title: "The solution is closed", body: [why], no: "Close" });
    return;
  }
  const yes =
    opened ||
    earned ||
    (await ask({
      title: "Open the solution?",
      body: ["It is recorded that you opened it before a full score.", "You can go on afterwards, and still earn every point."],
      yes: "Open the solution",
      no: "Not yet",
    }));
  const answer = yes && (await act("solution"));
  if (answer) showSolution(answer);
}

$("check").addEventListener("click", () => (shown()?.phase === "idle" ? check() : cancel()));
$("watch").addEventListener("click", () => state && act("watch", { on: !shown().watch }, { watch: !shown().watch }));
$("reset").addEventListener("click", reset);
$("terminal").addEventListener("click", () => tellLab({ drydock: "terminal", folder: $("terminal").dataset.folder }));
for (const link of document.querySelectorAll("a.home-link")) aimAtPage(link);
$("solution").addEventListener("click", solution);
handIn(EXERCISE, savedAll);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]") || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (event.key === "c" || event.key === "C") check();
  else if (event.key === "Escape") cancel();
  else return;
  event.preventDefault();
});

// What is focused must not hide under the bar that stays in sight.
new ResizeObserver(([bar]) => {
  document.documentElement.style.setProperty("--bar", `${Math.ceil(bar.borderBoxSize[0].blockSize)}px`);
}).observe(document.querySelector(".controls"));

// Begin

function begin() {
  stream = listen(`exercise/${encodeURIComponent(EXERCISE)}`, {
    opened() {
      output.connected();
      found();
    },
    state(fresh) {
      received += 1;
      if (wish && heard(fresh)) wish = null;
      take(fresh);
    },
    output: output.take,
    lost,
    busy: () => state !== null && state.phase !== "idle",
  });
}

async function start() {
  loaded();
  openInLab();
  watchUnsaved(EXERCISE, (names) => {
    unsaved = names;
    if (state) render();
  });
  try {
    take(await get(`exercise/${encodeURIComponent(EXERCISE)}`, PATIENCE));
  } catch (error) {
    if (!error.lost) {
      text($("title"), EXERCISE);
      for (const part of document.querySelectorAll("main > :not(#notices)")) hide(part);
      notifyRefused(error);
      return;
    }
    lost(true);
  }
  begin();
}

start();
