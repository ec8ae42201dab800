// What became of a run, in one line.

import { DECIDED, WORD, count, list, points } from "./words.js";

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
  if (run.full) return ["pass", `${score(state)}: every check passed.`];
  const ids = (outcome) => checks.filter((check) => check.outcome === outcome).map((check) => check.id);
  const skipped = ids("skip").length;
  const parts = [
    ids("fail").length && `${list(ids("fail"))} failed`,
    ids("limit").length && `${list(ids("limit"))} reached a limit`,
    skipped && `${count(skipped, "check")} skipped`,
  ].filter(Boolean);
  return ["fail", parts.length ? `${score(state)}: ${parts.join("; ")}.` : `${score(state)}.`];
}

/** What was decided between two states: `builds passed, is_small failed`. */
export function decidedSince(before, checks) {
  return checks
    .filter((check) => DECIDED.has(check.outcome) && before?.get(check.id) !== check.outcome)
    .map((check) => `${check.id} ${check.outcome === "limit" ? "reached a limit" : WORD[check.outcome]}`)
    .join(", ");
}
