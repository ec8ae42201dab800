// The home page: where to go on, what is done, and whether the machine is ready.

import { PATIENCE, get, post } from "./api.js";
import { attribute, each, hide, icon, loaded, make, rememberFold, setIcon, text, textOrHide } from "./dom.js";
import { aim, aimAtDrills, aimAtMap, aimAtPage, openInLab } from "./links.js";
import { found, lost, notifyRefused } from "./notices.js";
import { watchVisible } from "./visible.js";
import { count, hours, points, worth } from "./words.js";

const $ = (id) => document.getElementById(id);
const EVERY = 20_000;
const AGAIN = 3000;
const STATE = { done: ["pass", "done"], begun: ["begun", "begun"], new: ["new", "not begun"] };
const MACHINE = { ok: ["pass", "ready"], warn: ["limit", "warning"], bad: ["fail", "to fix"] };

let timer = 0;
let asking = false;
let visible = true;

// The course

function showCourse(course) {
  const { score, time, next, chapters, learner } = course;
  textOrHide($("learner"), learner ? `for ${learner}` : "");
  hide($("teaching"), !course.teaching);
  hide($("sign-up"), !course.nameless);
  text($("points"), points(score.points));
  text($("max"), `of ${points(score.max)} points`);
  text($("solved"), String(score.solved));
  text($("exercises"), `of ${count(score.exercises, "exercise")} done`);
  text($("time"), time.seconds >= 60 ? hours(time.seconds) : "–");
  text($("time-note"), time.note);
  const share = score.max ? score.points / score.max : 0;
  $("bar").style.inlineSize = `${100 * share}%`;
  textOrHide($("course-notice"), course.notice);
  showNext(next, score);
  each($("chapters"), chapters, chapterView, (node, chapter) => fillChapter(node, chapter, next?.path));
  attribute($("chapters"), "aria-busy", null);
  textOrHide($("no-chapters"), chapters.length ? "" : "There are no chapters and no exercises here yet.");
}

function showNext(next, score) {
  const link = $("next-link");
  const all = !next && score.exercises > 0 && score.solved === score.exercises;
  text($("next-kind"), next ? (next.kind === "chapter" ? "Chapter" : "Exercise") : "");
  hide($("next-kind"), !next);
  text($("next-title"), next ? next.title : all ? "Everything is done." : "Choose where to begin.");
  text($("next-why"), next ? next.why : all ? "Every exercise has its full score." : "The course map is below.");
  hide(link, !next?.path);
  if (next?.path) aim(link, next.path);
  attribute(link, "aria-label", next ? `Open: ${next.title}` : null);
}

function chapterView() {
  const read = make("button", { type: "button", class: "quiet read", "aria-pressed": "false" }, icon("new"), make("span"));
  const node = make(
    "li",
    { class: "chapter" },
    make(
      "div",
      { class: "chapter-head" },
      make("span", { class: "number" }),
      make("h3", {}, make("a"), make("span")),
      make("p", { class: "chapter-about" }),
      make("p", { class: "chapter-done" }, make("span"), make("a", { class: "drills-link", "data-testid": "drills-link" }), read),
    ),
    make("ul", { class: "exercises" }),
  );
  read.addEventListener("click", () => markRead(node.dataset.number, read.getAttribute("aria-pressed") !== "true"));
  return node;
}

async function markRead(number, read) {
  try {
    showCourse(await post(`chapter/${number}`, { read }, true));
  } catch (error) {
    notifyRefused(error);
  }
}

function fillChapter(node, { number, title, about, minutes, network, path, read, exercises, drills }, nextPath) {
  attribute(node, "data-number", number);
  attribute(node, "data-testid", `chapter-${number}`);
  text(node.querySelector(".number"), number);
  const [link, plain] = node.querySelector("h3").children;
  text(link, path ? title : "");
  hide(link, !path);
  if (path) aim(link, path);
  text(plain, path ? "" : title);
  attribute(node, "data-next", path && path === nextPath);
  const done = exercises.filter((one) => one.state === "done").length;
  textOrHide(node.querySelector(".chapter-about"), about);
  const facts = [
    minutes && hours(60 * minutes),
    network && "needs a network",
    exercises.length && `${done} of ${count(exercises.length, "exercise")} done`,
  ];
  text(node.querySelector(".chapter-done > span"), facts.filter(Boolean).join(" · "));
  const live = node.querySelector(".drills-link");
  hide(live, !drills);
  if (drills) {
    aimAtDrills(live, number);
    text(live, `${drills.done} of ${count(drills.of, "drill")} done`);
  }
  const mark = node.querySelector(".read");
  hide(mark, !path);
  attribute(mark, "aria-pressed", String(read));
  setIcon(mark.querySelector("svg"), read ? "pass" : "new");
  text(mark.lastElementChild, read ? "Read" : "Mark as read");
  attribute(mark, "aria-label", read ? `Chapter ${number} is read` : `Mark chapter ${number} as read`);
  const rows = node.querySelector(".exercises");
  hide(rows, !exercises.length);
  each(rows, exercises, exerciseView, (row, exercise) => fillExercise(row, exercise, nextPath));
}

function exerciseView() {
  return make(
    "li",
    { class: "exercise" },
    icon("new"),
    make("span", { class: "name" }, make("a"), make("span", { class: "tag" }), make("span", { class: "tag" })),
    make("a", { class: "panel-link", text: "Checks" }),
    make("span", { class: "state" }),
    make("span", { class: "points" }),
  );
}

function fillExercise(row, exercise, nextPath) {
  const [mark, name, panel, state, score] = row.children;
  const [link, next, opened] = name.children;
  const [shape, word] = STATE[exercise.state] ?? STATE.new;
  attribute(row, "data-testid", `exercise-${exercise.id}`);
  attribute(row, "data-state", exercise.state);
  setIcon(mark, shape);
  text(link, exercise.title);
  if (exercise.path) aim(link, exercise.path);
  else aimAtPage(link, exercise.id); // a file that JupyterLab cannot open
  textOrHide(next, exercise.path && exercise.path === nextPath ? "next" : "");
  textOrHide(opened, exercise.solution_opened ? "solution opened" : "");
  aimAtPage(panel, exercise.id);
  attribute(panel, "aria-label", `Checks of ${exercise.title}`);
  text(state, exercise.attempts ? `${word}, ${count(exercise.attempts, "attempt")}` : word);
  text(score, exercise.attempts ? `${points(exercise.best)} of ${worth(exercise.points)}` : worth(exercise.points));
}

// The machine

async function showMachine() {
  const summary = $("machine-summary");
  try {
    const { state, diagnoses } = await get("doctor");
    const bad = diagnoses.filter((one) => one.state !== "ok");
    setIcon($("machine-mark"), MACHINE[state][0]);
    attribute($("machine"), "data-state", state);
    text(
      summary,
      bad.length
        ? `Your machine: ${count(bad.length, "thing needs", "things need")} attention: ${bad.map((one) => one.name).join(", ")}.`
        : `Your machine is ready: all ${diagnoses.length} examinations are good.`,
    );
    const order = { bad: 0, warn: 1, ok: 2 };
    const sorted = [...diagnoses].sort((one, other) => order[one.state] - order[other.state]);
    each($("diagnoses"), sorted, diagnosisView, fillDiagnosis);
    if (state === "bad") $("machine").open = true;
  } catch (error) {
    setIcon($("machine-mark"), "limit");
    text(summary, error.lost ? "Your machine could not be looked at: the server does not answer." : error.message);
    if (!error.lost) notifyRefused(error);
  }
  hide($("machine-again"), false);
}

function diagnosisView() {
  return make(
    "li",
    {},
    icon("pass"),
    make("div", {}, make("p", {}, make("span", { class: "strong" }), make("span", { class: "word" })), make("p"), make("p", { class: "fix" })),
  );
}

function fillDiagnosis(row, { name, state, seen, fix }) {
  const [shape, word] = MACHINE[state];
  const [head, what, how] = row.lastElementChild.children;
  attribute(row, "data-state", state);
  attribute(row, "data-testid", `diagnosis-${name}`);
  setIcon(row.firstElementChild, shape);
  text(head.firstElementChild, name);
  text(head.lastElementChild, word);
  text(what, seen);
  textOrHide(how, state === "ok" ? "" : fix);
}

$("machine-again").addEventListener("click", async () => {
  const button = $("machine-again");
  if (button.getAttribute("aria-disabled") === "true") return;
  attribute(button, "aria-disabled", "true");
  text($("machine-summary"), "Looking at your machine…");
  await showMachine();
  attribute(button, "aria-disabled", null);
});

$("sign-up").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    showCourse(await post("learner", { name: $("sign-up-name").value }));
  } catch (error) {
    notifyRefused(error);
  }
});

// Kept up to date: another tab may have checked something meanwhile

async function refresh() {
  clearTimeout(timer);
  if (asking || !visible) return;
  asking = true;
  let wait = EVERY;
  try {
    showCourse(await get("course", PATIENCE));
    found();
  } catch (error) {
    wait = AGAIN;
    if (error.lost) lost();
    else {
      wait = EVERY;
      notifyRefused(error);
    }
  }
  asking = false;
  timer = setTimeout(refresh, wait);
}

loaded();
aimAtMap($("engine-map"));
openInLab();
rememberFold($("machine"), "machine");
watchVisible((now) => {
  visible = now;
  if (now) refresh();
});
window.addEventListener("focus", refresh);
window.addEventListener("online", refresh);
refresh();
showMachine();
