// What a path, an address or a heading says about the course: pure functions.

/** The home page, as the server's address below drydock/. */
export const HOME = '';

/** The live map of the engine, as the server's address below drydock/; it has a place of its own, in the side bar. */
export const MAP = 'map';

const EXERCISE = /(?:^|\/)exercises\/(\d\d-[a-z0-9-]+)\/(.+)$/;
const CHAPTER = /(?:^|\/)course\/(\d\d)-[a-z0-9-]+\.ipynb$/;

/** A file of an exercise. */
export interface ExerciseFile {
  /** The exercise's id. */
  readonly exercise: string;
  /** Its folder, as JupyterLab has it. */
  readonly folder: string;
  /** The file's path in that folder. */
  readonly name: string;
  /** Whether it is the task itself, the exercise's notebook. */
  readonly isTask: boolean;
}

/** Which exercise a path belongs to; null where it belongs to none. */
export function exerciseFile(path: string): ExerciseFile | null {
  const match = EXERCISE.exec(path);
  if (!match) {
    return null;
  }
  const [, exercise, name] = match as unknown as [string, string, string];
  return {
    exercise,
    folder: path.slice(0, path.length - name.length - 1),
    name,
    isTask: name === `${exercise}.ipynb`
  };
}

/** The number of the chapter that a path is; null where it is none. */
export function chapterNumber(path: string): string | null {
  return CHAPTER.exec(path)?.[1] ?? null;
}

/** The page of an exercise. */
export function pageOf(exercise: string): string {
  return `exercise/${exercise}`;
}

/** The exercise of a page; null for home. */
export function exerciseOf(page: string): string | null {
  return /^exercise\/(.+)$/.exec(page)?.[1] ?? null;
}

/** The page of a chapter's drills. */
export function drillsOf(chapter: string): string {
  return `drills/${chapter}`;
}

/** The chapter whose drills a page shows; null for any other page. */
export function chapterOf(page: string): string | null {
  return /^drills\/(\d\d)$/.exec(page)?.[1] ?? null;
}

/**
 * The page that a link names (`drydock:home`, `drydock:map`, `drydock:exercise/05-x`, `drydock:drills/02`); null for one that names a
 * file.
 */
export function pageNamed(link: string): string | null {
  const match = /^drydock:(home|map|exercise\/\d\d-[a-z0-9-]+|drills\/\d\d)$/.exec(link);
  return match ? (match[1] === 'home' ? HOME : (match[1] as string)) : null;
}

/**
 * What a file's tab says beside its name, as data that style/index.css shows: tabs of several exercises can be told apart.
 * The label itself is the file's name, and JupyterLab renames the file when it changes.
 */
export function tabData({ exercise, isTask }: ExerciseFile): Record<string, string> {
  return isTask ? { 'drydock-task': exercise } : { 'drydock-exercise': exercise };
}

/** The tab of a page. */
export function pageLabel(page: string): string {
  const exercise = exerciseOf(page);
  const chapter = chapterOf(page);
  return exercise ? `Checks: ${exercise}` : chapter ? `Drills: ${chapter}` : page === MAP ? 'Live map' : 'Drydock';
}

/** What the page is, in a sentence. */
export function pageCaption(page: string): string {
  const exercise = exerciseOf(page);
  const chapter = chapterOf(page);
  return exercise
    ? `Checks, hints and pictures of exercise ${exercise}`
    : chapter
      ? `Drills of chapter ${chapter}: short tasks in the terminal`
      : page === MAP
        ? 'Live map: what is on your Docker engine'
        : 'Drydock: the course';
}
