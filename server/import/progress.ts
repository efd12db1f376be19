import type { ImportTally } from '../feeds/register/import-register.ts';

const BAR_CELLS = 30;
const REDRAW_MS = 200;
const LINE_MS = 10_000;

/** Shows how far an import is. */
export interface Progress {
  show(tally: ImportTally): void;
  /** Ends the bar, so that what follows stands on a line of its own. */
  end(): void;
}

/** A bar on a terminal, and elsewhere a line every ten seconds. `share` is the part of the file that was read, from 0 to 1. */
export function createProgress(
  output: { readonly isTTY?: boolean; write(text: string): unknown },
  share: () => number,
  now: () => number,
): Progress {
  const isTerminal = output.isTTY === true;
  const startedAt = now();
  let shownAt = startedAt;
  let isDrawn = false;
  return {
    show({ rows }) {
      const at = now();
      if (at - shownAt < (isTerminal ? REDRAW_MS : LINE_MS)) return;
      shownAt = at;
      const part = Math.min(1, share());
      const seconds = (at - startedAt) / 1000;
      const left = part > 0 ? Math.round((seconds * (1 - part)) / part) : undefined;
      const facts = [
        `${Math.floor(part * 100)} %`,
        `${rows.toLocaleString('en')} rows`,
        `${Math.round(rows / seconds).toLocaleString('en')} rows/s`,
        ...(left === undefined ? [] : [`${left} s left`]),
      ].join(', ');
      if (!isTerminal) return void output.write(`${facts}\n`);
      const full = Math.round(part * BAR_CELLS);
      output.write(`\r[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}] ${facts}\u001b[K`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) output.write('\r\u001b[K');
      isDrawn = false;
    },
  };
}
