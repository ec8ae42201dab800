// The words of grader/report/words.py and values/units.py, so that the panel says what the terminal and the notebook say.

export const WORD = {
  new: "not checked",
  waiting: "waiting",
  running: "running",
  pass: "passed",
  fail: "failed",
  skip: "skipped",
  limit: "limit",
  error: "error",
};

export const DECIDED = new Set(["pass", "fail", "skip", "limit", "error"]);

/** Points without decimals that say nothing; a dash where there is no score. */
export function points(number) {
  return number === null || number === undefined ? "–" : String(Math.round(number * 100) / 100);
}

/** `1 check`, `2 checks`. */
export function count(number, noun, plural = `${noun}s`) {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** `4 points`, `0.5 points`, `1 point`. */
export function worth(number) {
  return `${points(number)} ${number === 1 ? "point" : "points"}`;
}

/** `a`, `a and b`, `a, b and c`; of more than four the first three and how many more. */
export function list(names) {
  const some = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return some.length < 2 ? some.join("") : `${some.slice(0, -1).join(", ")} and ${some.at(-1)}`;
}

/** A duration as people read it: `0.4 s`, `12 s`, `3 min 20 s`. */
export function seconds(duration) {
  if (duration < 10) return `${duration.toFixed(1).replace(/\.0$/, "")} s`;
  if (duration < 100) return `${Math.round(duration)} s`;
  const whole = Math.round(duration);
  const rest = whole % 60;
  return rest ? `${Math.floor(whole / 60)} min ${rest} s` : `${Math.floor(whole / 60)} min`;
}

/** A longer time: `35 min`, `1 h 30 min`. */
export function hours(duration) {
  const minutes = Math.round(duration / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** A moment in the reader's own time zone: `22:00`, `3 Nov, 22:00`, `3 Nov 2025, 22:00`. */
export function moment(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  if (at.toDateString() === now.toDateString()) return CLOCK.format(at);
  return `${(at.getFullYear() === now.getFullYear() ? DAY : YEAR).format(at)}, ${CLOCK.format(at)}`;
}
