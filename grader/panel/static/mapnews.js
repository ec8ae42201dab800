// What differs between two states of the map, and how that is told.

const TOLD = 3;

function all(state) {
  return new Map(
    state.sections.flatMap((section) => section.groups.flatMap((group) => group.things.map((thing) => [thing.key, { section, thing }]))),
  );
}

/** What a thing says of itself; not what changes only because something else does. */
function own({ section, thing }) {
  return section.columns.filter((label) => !section.follows.includes(label)).map((label) => (thing.facts[label] ?? []).map((item) => item.text));
}

/**
 * What has changed.
 *
 * @returns {{key: string, what: "new" | "changed" | "gone", line: string}[]} containers first
 */
export function differences(before, after) {
  const was = all(before);
  const now = all(after);
  const changes = [];
  for (const [key, one] of now) {
    const kind = one.section.kind;
    const name = `${kind === "container" ? "" : `${key.startsWith("bind:") ? "folder" : kind} `}${one.thing.name}`;
    const old = was.get(key);
    if (!old) changes.push({ key, what: "new", line: kind === "container" ? `${name}: ${one.thing.word}` : `${name} is there` });
    else if (old.thing.name !== one.thing.name) changes.push({ key, what: "changed", line: `${old.thing.name} is now ${one.thing.name}` });
    else if (kind === "container" && old.thing.word !== one.thing.word) changes.push({ key, what: "changed", line: `${name}: ${one.thing.word}` });
    else if (JSON.stringify(own(old)) !== JSON.stringify(own(one))) changes.push({ key, what: "changed", line: `${name}: ${changed(old, one)}` });
  }
  for (const [key, one] of was) {
    if (now.has(key)) continue;
    const kind = one.section.kind;
    changes.push({ key, what: "gone", line: `${kind === "container" ? "" : `${key.startsWith("bind:") ? "folder" : kind} `}${one.thing.name} is gone` });
  }
  return changes;
}

function changed(old, one) {
  const label = one.section.columns.find(
    (each) => !one.section.follows.includes(each) && JSON.stringify(old.thing.facts[each]) !== JSON.stringify(one.thing.facts[each]),
  );
  const items = (one.thing.facts[label] ?? []).map((item) => item.text);
  return label ? `${label.toLowerCase()} ${items.join(", ") || "none"}` : "changed";
}

/** The changes in one line. */
export function inWords(changes) {
  const lines = changes.slice(0, TOLD).map((one) => `${one.line}.`);
  const left = changes.length - lines.length;
  return lines.join(" ") + (left ? ` And ${left} more.` : "");
}
