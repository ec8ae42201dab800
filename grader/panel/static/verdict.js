// What became of a run, in one line.

import { DECIDED, WORD, count, list, points, worth } from "./words.js";

/** The score: `4 of 10 points`. */
export function score(state) {
  return `${points(state.run.score)} of ${points(state.max_score)} points`;
}

/**
 * The line, and its tone: "none", "running", "pass", "fail" or "error".
 *
 * @param {object} state the exercise's
 * @param {string} news what was decided last, in a run that goes on
 * @returns {[tone: string, line: string]}
 */
export function verdict(state, news) {
  const { run, checks, phase } = state;
  if (phase === "stopping" && run?.verdict !== "decided") return ["running", "Stopping, and cleaning up…"];
  if (phase === "running" || run?.verdict === "running") {
    const decided = checks.filter((check) => DECIDED.has(check.outcome)).length;
    return ["running", news || (decided ? `Checking: ${decided} of ${checks.length} decided` : "Checking…")];
  }
  if (!run) return ["none", "Not checked yet. Change your files, then press Check."];
  if (run.verdict === "stopped") return ["none", "Stopped. This check is not scored."];
  if (run.verdict === "not_graded") return ["error", "No score: the grader or the engine failed, not your work."];
  const change = improved(run);
  if (run.full) return ["pass", `${score(state)}: every check passed.${change}`];
  const number = (outcome) => checks.filter((check) => check.outcome === outcome).length;
  const parts = [
    number("fail") && `${count(number("fail"), "check")} failed`,
    number("limit") && `${count(number("limit"), "check")} reached a limit`,
    number("skip") && `${count(number("skip"), "check")} skipped`,
  ].filter(Boolean);
  return ["fail", `${parts.length ? `${score(state)}: ${list(parts)}.` : `${score(state)}.`}${change}`];
}

/** How the score changed since the attempt before: ` 1 point before, 4 now.` */
function improved({ before, score: now }) {
  return before === null || before === undefined || before === now ? "" : ` ${worth(before)} before, ${points(now)} now.`;
}

/** What was decided between two states, in the checks' own sentences: `“The image builds” passed`. */
export function decidedSince(before, checks) {
  return checks
    .filter((check) => DECIDED.has(check.outcome) && before?.get(check.id) !== check.outcome)
    .map((check) => `“${check.title.replace(/[.!]$/, "")}” ${check.outcome === "limit" ? "reached a limit" : WORD[check.outcome]}`)
    .join(", ");
}
