import type { OutboxEntry } from '@halo/client';
import { startOfRejected } from '../watches/watch.ts';
import type { WatchStart } from '../watches/watch.ts';
import { t } from '../texts/texts.ts';

/** A text of a rejected entry that can be mended where it stands. */
export interface EntryField {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** Most characters (the server's rule). */
  readonly maxLength: number;
  /** Whether it needs room for more than a line. */
  readonly long: boolean;
}

/**
 * How a rejected entry is mended: a report in the report's form, a change of one and a watched place in theirs, other
 * entries by their texts; `nothing` where there is nothing to mend, and it can only be sent again as it is.
 */
export type Mending =
  | { readonly by: 'report_form' }
  | { readonly by: 'amend_form'; readonly reportId: string }
  | { readonly by: 'watch_form'; readonly start: WatchStart }
  | { readonly by: 'fields'; readonly fields: readonly EntryField[] }
  | { readonly by: 'nothing' };

/** How an entry is mended, by its type. */
export function mendingOf(entry: Pick<OutboxEntry, 'id' | 'type' | 'args' | 'rejection'>): Mending {
  const { type, args } = entry;
  const of = (args ?? {}) as Readonly<Record<string, unknown>>;
  const field = (name: keyof typeof t.queue.fields, maxLength: number, long: boolean): EntryField => ({
    name,
    label: t.queue.fields[name],
    value: typeof of[name] === 'string' ? of[name] : '',
    maxLength,
    long,
  });
  switch (type) {
    case 'report.create':
      return { by: 'report_form' };
    case 'report.amend':
      return typeof of['reportId'] === 'string'
        ? { by: 'amend_form', reportId: of['reportId'] }
        : { by: 'nothing' };
    case 'comment.create':
      return { by: 'fields', fields: [field('body', 2000, true)] };
    case 'watch.set':
      return { by: 'watch_form', start: startOfRejected(entry) };
    case 'incident.transition':
      return { by: 'fields', fields: [field('note', 1000, true)] };
    default:
      return { by: 'nothing' };
  }
}
