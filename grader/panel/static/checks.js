// The list of checks: each with its mark, its word, its points; a failed one unfolded.

import { attribute, each, hide, icon, make, rememberFold, setIcon, text, textOrHide } from "./dom.js";
import { aim } from "./links.js";
import { DECIDED, WORD, points, worth } from "./words.js";

const UNFOLDED = new Set(["fail", "limit", "error"]);
const NOT_YET = "The next hint opens when you have changed something and this check still fails.";

/**
 * The list.
 *
 * @param {HTMLElement} place the <ol>
 * @param {(check: string) => void} openHint
 * @returns {(checks: object[], running: boolean, told: string) => void} its update; `told`: what the page says already
 */
export function checkList(place, openHint) {
  const rows = new Map();
  return (checks, running, told) => {
    attribute(place, "aria-busy", String(running));
    each(
      place,
      checks,
      (check) => {
        const row = checkRow(check, openHint);
        rows.set(row.node, row);
        return row.node;
      },
      (node, check) => rows.get(node).update(check, told),
    );
  };
}

function checkRow({ id }, openHint) {
  const mark = icon("new");
  const title = make("h3", { class: "check-title", id: `check-${id}`, tabindex: "-1" });
  const took = make("span", { class: "took" });
  const reason = make("span", { class: "reason" });
  const word = make("span", { class: "word" });
  const score = make("span", { class: "points" });
  const seen = finding(id);
  const hints = ladder(id, openHint);
  const more = make("details", { class: "seen", open: true, hidden: true }, make("summary", { text: "What was seen" }), seen.node);
  const node = make(
    "li",
    { class: "check", "data-testid": `check-${id}`, "data-check": id, "aria-labelledby": `check-${id}` },
    make("span", { class: "mark" }, mark),
    make("div", { class: "what" }, title, make("p", { class: "about" }, took, reason)),
    make("p", { class: "result" }, word, score),
    more,
    hints.node,
  );
  rememberFold(more, `seen-${id}`);

  function update(check, said) {
    attribute(node, "data-outcome", check.outcome);
    setIcon(mark, check.outcome);
    text(title, check.title);
    text(word, WORD[check.outcome] ?? check.outcome);
    const decided = DECIDED.has(check.outcome);
    text(score, decided && check.points !== null ? `${points(check.points)} of ${worth(check.max_points)}` : worth(check.max_points));
    text(took, decided && check.outcome !== "skip" && check.duration_s >= 0.1 ? `${check.duration_s.toFixed(1)} s` : "");
    if (!decided && check.outcome !== "new") {
      // What the last run has seen stays until this one knows better: nothing jumps, and nothing that is read vanishes.
      attribute(node, "data-stale", !more.hidden || !hints.node.hidden);
      return;
    }
    attribute(node, "data-stale", null);
    const failed = UNFOLDED.has(check.outcome);
    const short = check.outcome === "skip" && !check.expected && !check.found && !check.advice && !check.evidence?.length;
    text(reason, short ? check.message : "");
    // The engine that went away is the same news for every check: told once, and no hint helps.
    const known = check.outcome === "error" && check.message === said;
    const told = check.outcome !== "pass" && !short && !known && seen.update(check);
    const helped = hints.update(check, failed) && check.outcome !== "error";
    if ((!told && more.contains(document.activeElement)) || (!helped && hints.node.contains(document.activeElement))) {
      title.focus({ preventScroll: true }); // where the reader was is gone: the check itself is the nearest place
    }
    hide(more, !told);
    hide(hints.node, !helped);
  }

  return { node, update };
}

/** Why a check did not pass. */
function finding(id) {
  const message = make("p", { class: "message" });
  const expected = make("pre", { class: "value" });
  const found = make("pre", { class: "value" });
  const sides = [
    make("div", {}, make("dt", { text: "Expected" }), make("dd", {}, expected)),
    make("div", {}, make("dt", { text: "Found" }), make("dd", {}, found)),
  ];
  const compared = make("dl", { class: "compared" }, ...sides);
  const advice = make("p", { class: "advice" }, make("span", { class: "strong", text: "Next: " }), make("span"));
  const section = make("a");
  const read = make("p", { class: "advice" }, make("span", { class: "strong", text: "Read: " }), section);
  const evidence = make("div", { class: "evidence" });
  const node = make("div", { class: "finding", "data-testid": `finding-${id}` }, message, compared, evidence, advice, read);

  function update(check) {
    textOrHide(message, check.message);
    text(expected, check.expected ?? "");
    text(found, check.found ?? "");
    hide(sides[0], !check.expected);
    hide(sides[1], !check.found);
    hide(compared, !check.expected && !check.found);
    text(advice.lastElementChild, check.advice ?? "");
    hide(advice, !check.advice);
    text(section, check.read?.words ?? "");
    if (check.read?.path) aim(section, check.read.path, check.read.heading);
    hide(read, !check.read);
    each(
      evidence,
      check.evidence ?? [],
      (_one, index) =>
        make(
          "details",
          { open: index === 0 },
          make("summary"),
          make("pre", { class: "log", tabindex: "0", role: "region" }),
        ),
      (one, { title, text: content }) => {
        text(one.firstElementChild, title);
        text(one.lastElementChild, content);
        attribute(one.lastElementChild, "aria-label", title);
      },
    );
    hide(evidence, !check.evidence?.length);
    return Boolean(check.message || check.expected || check.found || check.advice || check.evidence?.length);
  }

  return { node, update };
}

/** The hints of a check: those that are read, and the way to the next. */
function ladder(id, openHint) {
  const read = make("ol", { class: "hints", "aria-live": "polite", "aria-label": "Hints" });
  const button = make("button", { type: "button", "data-testid": `hint-${id}`, "aria-describedby": `why-${id}` }, icon("hint"), make("span"));
  const why = make("span", { class: "why", id: `why-${id}` });
  const node = make("div", { class: "ladder", hidden: true }, read, make("p", { class: "next-hint" }, button, why));
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") openHint(id);
  });

  function update({ hints, outcome }, failed) {
    const all = hints.open.length + hints.closed;
    each(
      read,
      hints.open.slice(0, hints.read),
      (_one, index) => make("li", {}, make("span", { class: "strong", text: `Hint ${index + 1}` }), make("p")),
      (one, hint) => text(one.lastElementChild, hint),
    );
    hide(read, !hints.read);
    const next = hints.read < all;
    const open = hints.read < hints.open.length;
    text(button.lastElementChild, `Hint (${Math.min(hints.read + 1, all)} of ${all})`);
    attribute(button, "aria-disabled", open ? null : "true");
    text(why, open ? "" : next ? NOT_YET : "You have opened all the hints.");
    hide(button, !next && document.activeElement !== button);
    return all > 0 && (failed || (hints.read > 0 && outcome !== "pass"));
  }

  return { node, update };
}
