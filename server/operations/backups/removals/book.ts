import { hash } from 'node:crypto';
import { z } from 'zod';
import { removalSchema } from '../../../auth/removal.ts';
import type { Removal } from '../../../auth/removal.ts';
import { HaloError } from '../../../platform/errors.ts';

/** The form of a book; one that this version does not know is refused. */
const BOOK_FORMAT = 1;
const SECOND_MS = 1_000;
const LINE_FEED = '\n';

const headerSchema = z.object({
  format: z.literal(BOOK_FORMAT),
  house: z.guid(),
  removals: z.number().int().nonnegative(),
  /** Of all that follows the header's line. */
  sha256: z.string(),
});

/** A book, as far as its name tells of it. */
export interface BookName {
  readonly name: string;
  readonly house: string;
  /** Nothing in it is later. */
  readonly until: Date;
  readonly encrypted: boolean;
}

const NAME =
  /^halo-removals-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]{8}\.jsonl\.gz(\.age)?$/;

/** Names a book of a house; `id` tells it from another one of the same second. */
export function nameBook(house: string, last: Date, id: string, encrypted: boolean): BookName {
  const until = new Date(Math.ceil(last.getTime() / SECOND_MS) * SECOND_MS);
  const at = until.toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `halo-removals-${house}-${at}-${id.slice(-8)}.jsonl.gz${encrypted ? '.age' : ''}`;
  return { name, house, until, encrypted };
}

/** Reads the name of a file; undefined where it is no book's. */
export function readBookName(name: string): BookName | undefined {
  const found = NAME.exec(name);
  if (found === null) return undefined;
  const [, house, year, month, day, hour, minute, second, age] = found as unknown as string[];
  const until = new Date(`${year!}-${month!}-${day!}T${hour!}:${minute!}:${second!}Z`);
  if (Number.isNaN(until.getTime())) return undefined;
  return { name, house: house!, until, encrypted: age !== undefined };
}

/** The text of a book: a line that says what follows, and a line for each removal. */
export function writeBookText(house: string, removals: readonly Removal[]): string {
  const lines = removals.map((removal) => `${JSON.stringify(removal)}${LINE_FEED}`).join('');
  const header = { format: BOOK_FORMAT, house, removals: removals.length, sha256: hash('sha256', lines) };
  return `${JSON.stringify(header)}${LINE_FEED}${lines}`;
}

/** The reverse. Fails with `removals_unreadable` where it is not whole, or not of this house. */
export function readBookText({ name, house }: BookName, text: string): Removal[] {
  const end = text.indexOf(LINE_FEED) + 1;
  const header = parsed(name, headerSchema, text.slice(0, end));
  const lines = text.slice(end);
  if (header.house !== house) throw unreadable(name, 'it is of another house than its name says');
  const removals = lines.split(LINE_FEED).slice(0, -1);
  if (hash('sha256', lines) !== header.sha256 || removals.length !== header.removals)
    throw unreadable(name, 'it is not what was written');
  return removals.map((line) => parsed(name, removalSchema, line));
}

/** The error of a book that cannot be read. */
export function unreadable(name: string, why: string, cause?: unknown): HaloError {
  return new HaloError('removals_unreadable', `The book of removals ${name} cannot be read: ${why}.`, {
    hint: 'Who was forgotten or disabled is in it: docs/backups.md says what to do. Nothing was changed.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function parsed<T extends z.ZodType>(name: string, schema: T, text: string): z.infer<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(name, 'a line of it is no JSON');
  }
  const result = schema.safeParse(value);
  if (!result.success) throw unreadable(name, 'it is of a form that this version does not know');
  return result.data;
}
