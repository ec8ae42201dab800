// What the text of a chapter's cells says: pure functions.

/** A cell, as far as this needs it. */
export interface CellText {
  readonly type: string;
  readonly source: string;
}

/** The place of the first cell with this heading; -1 where there is none. */
export function headingPlace(cells: readonly CellText[], heading: string): number {
  return cells.findIndex(({ type, source }) => type === 'markdown' && headings(source).includes(plain(heading)));
}

/** The headings in a cell's Markdown, as a reader sees them. */
export function headings(source: string): string[] {
  const prose = source.replace(/^(```|~~~)[^]*?^\1/gm, '');
  return Array.from(prose.matchAll(/^#{1,6}[ \t]+(.+?)[ \t]*#*$/gm), match => plain(match[1] as string));
}

/** A heading without Markdown's signs and with single blanks. */
export function plain(heading: string): string {
  return heading
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Places of the answers to predictions → the place of the cell that each is about. */
export function answers(cells: readonly CellText[]): Map<number, number> {
  const found = new Map<number, number>();
  cells.forEach(({ type, source }, place) => {
    const before = cells[place - 1];
    if (type !== 'markdown' || before?.type !== 'code') {
      return;
    }
    // Chapters that keep predictions compare them in a cell; others say it in words.
    if (/^compare\(/m.test(before.source) || /^\*\*What happened\.\*\*/.test(source)) {
      found.set(place, place - 1);
    }
  });
  return found;
}
