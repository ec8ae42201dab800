// The same content as the map's, as tables.

import { attribute, each, eachKeyed, make, text } from "./dom.js";
import { portLink } from "./thing.js";

/** A table of one kind of things. */
export function tableView(section) {
  const id = `table-${section.kind}`;
  return make(
    "div",
    { class: "table-section", "data-kind": section.kind },
    make("h2", { id }, make("span"), make("small", { class: "quiet-text" })),
    make(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": id },
      make("table", {}, make("thead", {}, make("tr")), make("tbody")),
    ),
  );
}

/** Show a kind of things in its table. */
export function fillTable(node, section, look, fits) {
  const [heading, scroll] = node.children;
  const [head, body] = scroll.firstElementChild.children;
  const things = section.groups.flatMap((group) => group.things);
  const shown = things.filter((one) => fits(one, look.wanted));
  // A column in which nothing stands is left out.
  const columns = section.columns.filter((label) => things.some((one) => one.facts[label]));
  text(heading.firstElementChild, section.title);
  text(heading.lastElementChild, shown.length === section.count ? String(section.count) : `${shown.length} of ${section.count}`);
  scroll.hidden = !shown.length;
  each(head.firstElementChild, ["Name", "State", ...columns], () => make("th", { scope: "col" }), text);
  eachKeyed(body, shown, () => make("tr"), (row, thing) => fillRow(row, thing, columns, look));
}

function fillRow(row, thing, columns, look) {
  attribute(row, "data-fresh", look.fresh.get(thing.key) ?? null);
  attribute(row, "data-tone", thing.tone);
  const known = JSON.stringify([thing, columns]);
  if (row.known === known) return;
  row.known = known;
  const name = make("th", { scope: "row", text: thing.name });
  if (thing.spoken) name.append(" ", make("span", { class: "tag", text: "drill" }));
  row.replaceChildren(
    name,
    make("td", { class: "word", text: thing.word }),
    ...columns.map((label) => make("td", {}, ...(thing.facts[label] ?? []).map(itemView))),
  );
}

function itemView(item) {
  return item.port ? make("span", { class: "item" }, portLink(item)) : make("span", { class: "item", text: item.text });
}
