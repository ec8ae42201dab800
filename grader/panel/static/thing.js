// One thing on the map: a container, a network, a volume or an image. All text is set as text.

import { BASE } from "./api.js";
import { attribute, each, hide, icon, make, setIcon, text } from "./dom.js";

const ICONS = { network: "network", volume: "volume", image: "image" };
const NAMED = 4; // that are named on a closed card
const STRIPES = 40; // layers that are drawn

let last = 0;

/** The button of the thing with this key. */
export function headOf(map, key) {
  return map.querySelector(`.thing[data-key="${CSS.escape(key)}"] > .thing-head`);
}

/** A link to a published port, in a tab of its own. */
export function portLink(item) {
  return make(
    "a",
    { href: `${BASE}proxy/${item.port}/`, target: "_blank", rel: "noopener", class: "port", "aria-label": `Open port ${item.port}: ${item.text}` },
    item.text,
    icon("out"),
  );
}

/** A card. */
export function thingView(section, choose) {
  const id = `facts-${(last += 1)}`;
  const head = make(
    "button",
    { type: "button", class: "thing-head", "aria-expanded": "false", "aria-controls": id },
    icon(ICONS[section.kind] ?? "new"),
    make("span", { class: "name" }),
    make("span", { class: "word" }),
    make("span", { class: "tag", hidden: true, text: "drill" }),
  );
  const node = make(
    "li",
    { class: "thing", "data-kind": section.kind },
    head,
    make("p", { class: "face" }),
    make("p", { class: "ports" }),
    make("p", { class: "stripes", "aria-hidden": "true" }),
    make("dl", { class: "facts", id, hidden: true }),
  );
  head.addEventListener("click", () => choose(node.dataset.key));
  return node;
}

/** Show a thing on its card. */
export function fillThing(node, thing, section, look) {
  const open = thing.key === look.chosen;
  attribute(node, "data-fresh", look.fresh.get(thing.key) ?? null);
  attribute(node, "data-linked", open ? "self" : look.linked.has(thing.key) ? "linked" : null);
  const known = `${open}${JSON.stringify(thing)}`;
  if (node.known === known) return; // of 200 things one or two have changed
  node.known = known;
  const [head, face, ports, stripes, facts] = node.children;
  const [mark, name, word, tag] = head.children;
  attribute(node, "data-tone", thing.tone);
  attribute(node, "data-spoken", thing.spoken ? "true" : null);
  attribute(head, "aria-expanded", String(open));
  if (section.kind === "container") setIcon(mark, shape(thing));
  else if (section.kind === "volume") setIcon(mark, "volume");
  text(name, thing.name);
  text(word, thing.word);
  hide(tag, !thing.spoken);
  const lines = section.face.map((label) => some(label, thing.facts[label])).filter(Boolean);
  text(face, lines.join(" · "));
  hide(face, open || !lines.length);
  const published = thing.facts.Ports ?? [];
  each(ports, open ? [] : published.map((item) => JSON.stringify(item)), () => make("span"), fillItem);
  hide(ports, open || !published.length);
  const drawn = (thing.layers ?? []).slice(0, STRIPES);
  each(stripes, drawn, () => make("i"), (one, shared) => attribute(one, "data-shared", shared ? "true" : null));
  hide(stripes, !drawn.length);
  hide(facts, !open);
  const rows = open ? section.columns.filter((label) => thing.facts[label]) : [];
  each(facts, rows, () => make("div", {}, make("dt"), make("dd")), (row, label) => {
    text(row.firstElementChild, label);
    each(row.lastElementChild, thing.facts[label].map((item) => JSON.stringify(item)), () => make("span", { class: "item" }), fillItem);
  });
}

function shape(thing) {
  if (thing.word === "paused") return "paused";
  return { good: "up", bad: "fail", warn: "limit" }[thing.tone] ?? "new";
}

function some(label, items) {
  if (!items) return "";
  const names = items.slice(0, NAMED).map((item) => item.text);
  return names.join(", ") + (items.length > NAMED ? ` and ${items.length - NAMED} more` : "");
}

/** Something that is known of a thing: a link to a port, the way to another thing, or a text. Only if it has changed. */
function fillItem(node, said) {
  if (node.said === said) return;
  node.said = said;
  const item = JSON.parse(said);
  if (item.port) node.replaceChildren(portLink(item));
  else if (item.to) node.replaceChildren(make("button", { type: "button", class: "quiet to", "data-to": item.to, text: item.text }));
  else node.replaceChildren(item.text);
}
