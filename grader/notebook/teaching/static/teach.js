// The instructor's page. The server has the state; the page shows it and asks for changes.

import { PATIENCE, Refused, address, get, post } from "../../static/api.js";
import { attribute, each, hide, make, text, textOrHide } from "../../static/dom.js";
import { found as serverIsThere, lost, notify, notifyRefused } from "../../static/notices.js";
import { count, moment, points } from "../../static/words.js";

const $ = (id) => document.getElementById(id);
const EVERY = 1000;
const AGAIN = 1000;
const SHOWN = 2; // of what has ended
const WHAT = {
  generate: "Generate",
  release: "Release",
  collect: "Collect",
  autograde: "Grade",
  feedback: "Make feedback",
  release_feedback: "Release feedback",
};
const STATE = { waiting: "waiting", running: "going on", done: "done", failed: "failed", cancelled: "stopped" };

let course = null;
let exercise = "";
let rows = [];
let tasks = [];
let upload = null;

const over = ({ state }) => state === "done" || state === "failed" || state === "cancelled";
const ended = ({ of }) => Object.values(of).filter((one) => one !== "running").length;

// What is shown

function showCourse() {
  const { exercises, exchange, working } = course;
  const list = $("exercise");
  each(list, exercises, () => make("option"), (option, one) => {
    option.value = one.id;
    text(option, `${one.id} · ${one.title}${one.handed_in ? ` (${one.handed_in})` : ""}`);
  });
  list.value = exercise;
  for (const button of document.querySelectorAll("[data-exchange]")) hide(button, !exchange);
  text(
    $("exchange"),
    !exchange
      ? "No exchange folder is set: learners hand in files, which you take in below. (DRYDOCK_EXCHANGE names a folder that all labs share.)"
      : working
        ? `Labs hand in through ${exchange}.`
        : `The exchange folder ${exchange} is not there, or cannot be written.`,
  );
  const one = exercises.find(({ id }) => id === exercise);
  const generated = exchange
    ? one.released ? "It is generated and released." : "It is generated. Release it: then learners can hand it in."
    : "It is generated.";
  text($("out-state"), one.generated ? generated : "Generate it first: then the gradebook knows its checks.");
  const query = `?assignment=${encodeURIComponent(exercise)}`;
  $("feedback-zip").href = address(`teach/feedback.zip${query}`);
  $("grades").href = address(`teach/grades.csv${query}`);
  $("all-grades").href = address("teach/grades.csv");
}

function showRows() {
  const now = new Map();
  for (const task of tasks) {
    if (task.what !== "autograde" || task.assignment !== exercise || over(task)) continue;
    for (const [student, state] of Object.entries(task.of)) now.set(student, state);
  }
  each($("rows"), rows, newRow, (node, row) => fillRow(node, row, now.get(row.student)));
  hide($("nobody"), rows.length > 0);
}

function newRow() {
  const again = make("button", { type: "button", class: "quiet" });
  again.addEventListener("click", () => begin("autograde", [again.dataset.student], true));
  const links = ["Look", "Feedback"].map((word) => make("a", { target: "_blank", rel: "noopener", text: word }));
  return make(
    "tr",
    {},
    make("td", {}, make("span", { class: "strong" }), make("span", { class: "quiet-text" })),
    make("td"),
    make("td", {}, make("span", { class: "state" }), make("span", { class: "why" })),
    make("td", { class: "number" }),
    make("td", {}, make("span", { class: "doing" }, again, ...links)),
  );
}

function fillRow(node, row, now) {
  const [who, at, state, score, doing] = node.children;
  const name = row.name || row.student;
  text(who.firstElementChild, name);
  textOrHide(who.lastElementChild, row.name ? row.student : "");
  text(at, row.at ? moment(row.at) : "");
  attribute(node, "data-state", row.state);
  attribute(node, "data-student", row.student);
  text(state.firstElementChild, now === "running" ? "being graded" : row.state);
  textOrHide(state.lastElementChild, now === "running" ? "" : row.reason);
  text(score, row.score === null ? "" : `${points(row.score)} of ${points(row.max)}`);
  const [again, look, page] = doing.firstElementChild.children;
  text(again, row.state === "graded" ? "Grade again" : "Grade");
  again.dataset.student = row.student;
  again.setAttribute("aria-label", `${again.textContent}: ${name}`);
  hide(again, row.state === "nothing handed in" || now === "running");
  hide(look, !row.page);
  look.href = `../../formgrader/submissions/${row.page}/`;
  look.setAttribute("aria-label", `Look at the work of ${name}`);
  hide(page, !row.feedback);
  page.href = address(`teach/${exercise}/feedback/${encodeURIComponent(row.student)}`);
  page.setAttribute("aria-label", `Feedback for ${name}`);
}

function showTasks() {
  const shown = tasks.filter((task, index) => !over(task) || index < SHOWN);
  each($("tasks"), shown, newTask, fillTask);
  hide($("tasks-part"), !shown.length);
  const mine = tasks.filter((task) => !over(task) && task.assignment === exercise && !task.students.length);
  const busy = new Set(mine.map(({ what }) => what));
  for (const button of document.querySelectorAll("[data-do]")) button.disabled = busy.has(button.dataset.do);
}

function newTask() {
  const stop = make("button", { type: "button", class: "quiet", text: "Stop" });
  stop.addEventListener("click", () => act(() => post(`teach/tasks/${stop.dataset.number}/cancel`)));
  const log = make("pre", { tabindex: "0", role: "region", "aria-label": "What nbgrader says" });
  return make(
    "li",
    {},
    make("div", { class: "head" }, make("span", { class: "strong" }), make("span", { class: "quiet-text" }), make("progress"), stop),
    make("p", { class: "reason", role: "status" }),
    make("details", {}, make("summary", { text: "What nbgrader says" }), log),
  );
}

function fillTask(node, task) {
  const [head, reason, log] = node.children;
  const [what, state, bar, stop] = head.children;
  attribute(node, "data-state", task.state);
  text(what, `${WHAT[task.what]}: ${task.assignment}${task.students.length ? `, ${task.students.join(", ")}` : ""}`);
  text(state, `${STATE[task.state]}${task.total === null ? "" : ` · ${ended(task)} of ${task.total}`}`);
  hide(bar, over(task) || task.what !== "autograde");
  if (task.total) {
    bar.max = task.total;
    bar.value = ended(task);
  } else bar.removeAttribute("value");
  bar.setAttribute("aria-label", what.textContent);
  stop.dataset.number = task.number;
  stop.setAttribute("aria-label", `Stop: ${what.textContent}`);
  hide(stop, over(task));
  textOrHide(reason, task.reason);
  hide(log, !task.log);
  text(log.lastElementChild, task.log);
}

// What can be done

async function act(ask) {
  try {
    const answer = await ask();
    serverIsThere();
    return answer;
  } catch (error) {
    if (error.lost) lost();
    else notifyRefused(error);
    return null;
  }
}

/** What is shown; nbgrader may be writing what is read, so that it can be read a moment later only. */
async function read(path) {
  for (let left = 2; ; left -= 1) {
    try {
      return await get(path);
    } catch (error) {
      if (error.status !== 500 || !left) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

async function begin(what, students = [], again = false) {
  await act(() => post(`teach/${exercise}/${what}`, { students, again }));
  await look();
}

async function choose(id) {
  exercise = id;
  history.replaceState(null, "", `#${id}`);
  showFound(null);
  showCourse();
  await freshRows();
}

async function freshRows() {
  const wanted = exercise;
  const answer = await act(() => read(`teach/${wanted}`));
  if (!answer || wanted !== exercise) return;
  rows = answer.rows;
  showRows();
}

async function freshCourse() {
  const fresh = await act(() => read("teach/course"));
  if (!fresh) return;
  course = fresh;
  showCourse();
}

/** What goes on; whatever has come to an end may have changed the rest. */
async function look() {
  const answer = await act(() => get("teach/tasks", PATIENCE));
  if (!answer) return;
  const sum = () => JSON.stringify(tasks.map((task) => [task.number, task.state, ended(task)]));
  const before = sum();
  tasks = answer.tasks;
  showTasks();
  showRows();
  if (before === sum()) return;
  await freshRows();
  await freshCourse();
}

// Files

async function lookInto(query, body) {
  showFound(null);
  text($("said"), "Looking inside…");
  const answer = await act(async () => {
    const token = decodeURIComponent(document.cookie.match(/(?:^|;\s*)_xsrf=([^;]*)/)?.[1] ?? "");
    const sent = await fetch(address(`teach/${exercise}/look?${query}`), { method: "POST", headers: { "X-XSRFToken": token }, body });
    const value = await sent.json().catch(() => null);
    if (!sent.ok) throw new Refused(value?.message ?? `The server answered with status ${sent.status}.`, "", { status: sent.status });
    return value;
  });
  text($("said"), "");
  if (answer) showFound(answer);
}

function showFound(answer) {
  upload = answer;
  hide($("found"), !answer);
  if (!answer) return;
  text($("found-about"), `${count(answer.works.length, "submission")} found. Check whose each one is, then take them in.`);
  each($("found-notes"), answer.notes, () => make("li"), text);
  $("found-rows").replaceChildren(...answer.works.map(foundRow));
  $("found").querySelector("input").focus();
}

function foundRow(work) {
  const student = make("input", { value: work.student, "aria-label": `Student id of ${work.label}`, "data-part": "student" });
  const options = course.exercises.map(({ id }) => make("option", { value: id, text: id, selected: id === work.exercise }));
  const which = make("select", { "aria-label": `Exercise of ${work.label}`, "data-part": "exercise" }, ...options);
  const size = work.checksum ? `${work.size}, checksum ${work.checksum.slice(0, 12)}` : work.size;
  const refused = work.refused.map((reason) =>
    make("span", { class: "why", text: `${reason} If you take it in, every check fails and says so.` }),
  );
  const others = [work.label === work.person ? "" : work.label, work.at ? `packed ${work.at}` : ""].filter(Boolean);
  const who = [make("span", { class: "strong", text: work.person }), ...others.map((one) => make("span", { class: "quiet-text", text: one }))];
  return make(
    "tr",
    { "data-key": work.key },
    make("td", {}, make("input", { type: "checkbox", checked: true, "aria-label": `Take in ${work.label}` })),
    make("td", {}, ...who),
    make("td", {}, student, make("span", { class: "quiet-text", text: work.why })),
    make("td", {}, which),
    make("td", {}, make("span", { text: String(work.files) }), make("span", { class: "quiet-text", text: size })),
    make("td", {}, ...refused, ...work.notes.map((note) => make("span", { text: `${note} ` }))),
  );
}

async function takeIn(event) {
  event.preventDefault();
  const works = {};
  for (const row of $("found-rows").children) {
    if (!row.querySelector("input[type=checkbox]").checked) continue;
    works[row.dataset.key] = Object.fromEntries([...row.querySelectorAll("[data-part]")].map((one) => [one.dataset.part, one.value]));
  }
  const answer = await act(() => post(`teach/take/${upload.key}`, { works }));
  if (!answer) return;
  showFound(null);
  notify(`${count(answer.taken.length, "submission")} taken in.`, "", "good");
  await freshCourse();
  await freshRows();
}

// Begin

for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => begin(button.dataset.do, [], "again" in button.dataset));
}
$("exercise").addEventListener("change", () => choose($("exercise").value));
$("file").addEventListener("change", async () => {
  const [file] = $("file").files;
  if (file) await lookInto(`name=${encodeURIComponent(file.name)}`, file);
  $("file").value = ""; // the same again is a change as well
});
$("look").addEventListener("click", () => lookInto(`folder=${encodeURIComponent($("folder").value.trim())}`, null));
$("drop").addEventListener("click", () => showFound(null));
$("found").addEventListener("submit", takeIn);

async function start() {
  course = await act(() => read("teach/course"));
  if (!course) return;
  const asked = course.exercises.find(({ id }) => id === location.hash.slice(1));
  await choose((asked ?? course.exercises.find((one) => one.handed_in) ?? course.exercises[0]).id);
  document.documentElement.dataset.loaded = "";
  for (;;) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}

start();
