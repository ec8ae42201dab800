// The live map of the engine. The server looks at the engine; the page shows what it saw, as a map or as tables.

import { attribute, each, eachKeyed, hide, loaded, text, textOrHide } from "./dom.js";
import { listen } from "./events.js";
import { differences, inWords } from "./mapnews.js";
import { fillTable, tableView } from "./maptable.js";
import { fillThing, headOf, thingView } from "./thing.js";
import { found, lost } from "./notices.js";
import { count } from "./words.js";
import { make } from "./dom.js";

const $ = (id) => document.getElementById(id);
const FRESH_FOR = 4000; // milliseconds for which something that has changed is marked
const VIEW = "drydock:map:table";

const fresh = new Map(); // key -> "new" or "changed"
const timers = new Map(); // key -> when that ends
const revealed = new Set(); // keys of what was shown once, though it is behind a "show more"
const unfolded = new Set(); // groups that are shown whole
let newest = null;
let chosen = null; // the key of the thing that is open
let asTable = false;

try {
  asTable = localStorage.getItem(VIEW) === "yes";
} catch {
  // no storage: the map
}

function take(state) {
  const changes = newest?.seen ? differences(newest, state) : [];
  newest = state;
  for (const { key, what } of changes) mark(key, what);
  if (changes.length) text($("news"), inWords(changes));
  render();
}

function mark(key, what) {
  if (what === "gone") return;
  fresh.set(key, what);
  revealed.add(key);
  clearTimeout(timers.get(key));
  timers.set(key, setTimeout(() => (fresh.delete(key), timers.delete(key), render()), FRESH_FOR));
}

function render() {
  const state = newest;
  if (!state) return;
  textOrHide($("engine"), troubleOf(state));
  $("map").classList.toggle("old", Boolean(state.trouble));
  const things = new Map(state.sections.flatMap((section) => section.groups.flatMap((group) => group.things.map((one) => [one.key, one]))));
  if (!things.has(chosen)) chosen = null;
  const wanted = $("filter").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const linked = new Set(chosen ? things.get(chosen).links : []);
  const look = { wanted, linked, chosen, fresh };
  hide($("map"), asTable || !state.seen);
  hide($("table"), !asTable || !state.seen);
  hide($("keys"), asTable || !state.seen);
  attribute($("as-table"), "aria-pressed", String(asTable));
  const sections = state.seen ? state.sections : [];
  if (asTable) each($("table"), sections, tableView, (node, section) => fillTable(node, section, look, fits));
  else {
    const before = focusedPlace();
    each($("map"), sections, sectionView, (node, section) => fillSection(node, section, look));
    keepFocus(before);
  }
  hide($("nothing"), !wanted.length || [...things.values()].some((one) => fits(one, wanted)));
  attribute($("map"), "aria-busy", null);
}

function troubleOf(state) {
  if (!state.trouble) return state.seen ? "" : "Looking at the engine…";
  return `${state.trouble} ${state.seen ? "What you see is as it was last seen." : ""} This page goes on by itself when the engine answers.`;
}

/** Whether a thing has all the words of the filter. */
function fits(thing, wanted) {
  if (!wanted.length) return true;
  // Not what only has layers in common: that is half of all images.
  const facts = Object.values(thing.facts).flatMap((items) => items.filter((item) => !item.aside).map((item) => item.text));
  const said = [thing.name, thing.word, ...facts].join("\n").toLowerCase();
  return wanted.every((word) => said.includes(word));
}

function sectionView(section) {
  return make(
    "section",
    { class: "kind-section", "data-kind": section.kind, "aria-labelledby": `section-${section.kind}` },
    make("h2", { id: `section-${section.kind}` }, make("span"), make("small", { class: "quiet-text" })),
    make("div", { class: "groups" }),
  );
}

function fillSection(node, section, look) {
  const [heading, groups] = node.children;
  const fitting = section.groups.map((group) => group.things.filter((one) => fits(one, look.wanted)));
  const left = fitting.reduce((sum, things) => sum + things.length, 0);
  text(heading.firstElementChild, section.title);
  text(heading.lastElementChild, left === section.count ? String(section.count) : `${left} of ${section.count}`);
  each(groups, section.groups, groupView, (one, group, place) => fillGroup(one, section, group, fitting[place], look));
}

function groupView() {
  const more = make("button", { type: "button", class: "quiet more", hidden: true });
  const node = make("div", { class: "group" }, make("h3"), make("ul", { class: "things" }), more);
  more.addEventListener("click", () => {
    const { group } = node.dataset;
    if (!unfolded.delete(group)) unfolded.add(group);
    render();
  });
  return node;
}

function fillGroup(node, section, group, fitting, look) {
  const [heading, list, more] = node.children;
  const name = `${section.kind}/${group.title}`;
  attribute(node, "data-group", name);
  textOrHide(heading, group.title && fitting.length ? `${group.title}: ${fitting.length}` : "");
  const whole = !group.limit || look.wanted.length || unfolded.has(name);
  const shown = whole ? fitting : fitting.filter((one, place) => place < group.limit || one.spoken || revealed.has(one.key) || one.key === chosen);
  const less = Boolean(group.limit) && !look.wanted.length && unfolded.has(name) && fitting.length > group.limit;
  eachKeyed(list, shown, () => thingView(section, choose), (one, thing) => fillThing(one, thing, section, look));
  attribute(list, "aria-label", `${section.title}${group.title ? `, ${group.title.toLowerCase()}` : ""}`);
  hide(list, !shown.length);
  hide(more, shown.length === fitting.length && !less);
  text(more, less ? "Show fewer" : `Show ${count(fitting.length - shown.length, "more", "more")}`);
  attribute(more, "aria-label", `${more.textContent}: ${list.getAttribute("aria-label")}`);
  roam(node.closest(".kind-section"));
}

// Choosing

function choose(key) {
  chosen = chosen === key ? null : key;
  if (chosen) revealed.add(chosen);
  render();
}

/** Go to a thing that another one names. */
function goTo(key) {
  chosen = key;
  revealed.add(key);
  $("filter").value = "";
  render();
  const head = headOf($("map"), key);
  head?.focus();
  head?.closest(".thing").scrollIntoView({ block: "nearest" });
}

// The keyboard: each section is one stop of Tab; arrow keys go from thing to thing.

function heads() {
  return [...$("map").querySelectorAll(".thing-head")];
}

/** Of each section one thing is reached by Tab: the one that had the focus last. */
function roam(section) {
  const all = [...section.querySelectorAll(".thing")];
  const current = all.find((one) => one.dataset.key === section.dataset.current) ?? all[0];
  for (const one of all) {
    for (const stop of one.querySelectorAll("button, a")) attribute(stop, "tabindex", one === current ? "0" : "-1");
  }
}

function beside(head, key) {
  const all = heads();
  const place = all.indexOf(head);
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key === "ArrowLeft") return all[place - 1];
  if (key === "ArrowRight") return all[place + 1];
  const here = head.getBoundingClientRect();
  const down = key === "ArrowDown";
  let nearest = null;
  for (const one of all) {
    const box = one.getBoundingClientRect();
    const off = down ? box.top - here.bottom : here.top - box.bottom;
    if (one === head || off < 0) continue;
    const far = off + 4 * Math.abs(box.left - here.left);
    if (!nearest || far < nearest.far) nearest = { one, far };
  }
  return nearest?.one ?? all[place + (down ? 1 : -1)];
}

$("map").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen) {
    const head = headOf($("map"), chosen);
    chosen = null;
    render();
    head?.focus();
    return;
  }
  const head = event.target.closest?.(".thing-head");
  if (!head || !/^(Arrow|Home$|End$)/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const next = beside(head, event.key);
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
});

$("map").addEventListener("focusin", (event) => {
  const thing = event.target.closest?.(".thing");
  const section = thing?.closest(".kind-section");
  if (!section || section.dataset.current === thing.dataset.key) return;
  section.dataset.current = thing.dataset.key;
  roam(section);
});

$("map").addEventListener("click", (event) => {
  const to = event.target.closest?.("[data-to]")?.dataset.to;
  if (to) goTo(to);
});

function focusedPlace() {
  const head = document.activeElement?.closest?.(".thing");
  return head ? { key: head.dataset.key, place: heads().indexOf(head.querySelector(".thing-head")) } : null;
}

/** Something that had the focus is gone: its neighbour has it. */
function keepFocus(before) {
  if (!before || (document.activeElement && document.activeElement !== document.body)) return;
  const all = heads();
  (headOf($("map"), before.key) ?? all[Math.min(before.place, all.length - 1)] ?? $("title")).focus({ preventScroll: true });
}

$("filter").addEventListener("input", render);
$("as-table").addEventListener("click", () => {
  asTable = !asTable;
  try {
    localStorage.setItem(VIEW, asTable ? "yes" : "no");
  } catch {
    // no storage
  }
  render();
});

loaded();
listen("map", {
  opened: found,
  state: take,
  output: () => undefined,
  lost,
  busy: () => false,
});
