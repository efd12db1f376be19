import type { OutboxEntry } from '@halo/client';
import { t, typeName } from '../texts/texts.ts';
import { verificationName } from '../incidents/incident.ts';

/** What an entry of the queue is, for a person: what it does, and what it says. */
export interface EntryWords {
  readonly title: string;
  readonly detail: string | undefined;
}

/** Longest text of an entry that is shown in the queue, in characters. */
const MAX_DETAIL = 160;

/**
 * An entry in words. Its arguments are read with care: another version of the app may have made it.
 *
 * @param reportType the type of a report of one's own, where it is known.
 */
export function entryWords(
  { type, args }: Pick<OutboxEntry, 'type' | 'args'>,
  reportType: (reportId: string) => string | undefined,
): EntryWords {
  // Those of long ago are forgotten by the server.
  const of = (args ?? {}) as Readonly<Record<string, unknown>>;
  const words = t.queue.entry;
  switch (type) {
    case 'report.create':
      return { title: words.report(nameOf(of['type'])), detail: textOf(of['description']) };
    case 'report.amend':
      return { title: words.amend(reportNamed(of, reportType)), detail: fieldsOf(of['changes']) };
    case 'report.withdraw':
      return { title: words.withdraw(reportNamed(of, reportType)), detail: undefined };
    case 'comment.create':
      return { title: words.comment, detail: textOf(of['body']) };
    case 'comment.delete':
      return { title: words.deleteComment, detail: undefined };
    case 'watch.set':
      return {
        title: of['watchId'] === undefined ? words.watch : words.changeWatch,
        detail: textOf(of['name']),
      };
    case 'watch.remove':
      return { title: words.removeWatch, detail: undefined };
    case 'incident.transition':
      return { title: words.decision(stateName(of['to'])), detail: textOf(of['note']) };
    default:
      return { title: words.other, detail: type };
  }
}

function reportNamed(
  { reportId }: Readonly<Record<string, unknown>>,
  reportType: (reportId: string) => string | undefined,
): string {
  const type = typeof reportId === 'string' ? reportType(reportId) : undefined;
  return type === undefined ? t.queue.unknownReport : typeName(type);
}

function nameOf(type: unknown): string {
  return typeof type === 'string' ? typeName(type) : t.queue.unknownReport;
}

function stateName(state: unknown): string {
  if (state === 'open' || state === 'closed') return t.queue.incidentStates[state];
  return typeof state === 'string' ? verificationName(state) : '?';
}

/** Which fields a change is about, in words. */
function fieldsOf(changes: unknown): string | undefined {
  if (typeof changes !== 'object' || changes === null) return undefined;
  const names = Object.keys(changes).map((field) => fieldName(field) ?? field);
  return names.length === 0 ? undefined : names.join(', ');
}

/** A field of any mutation in words; undefined for one that this version does not know. */
export function fieldName(path: string): string | undefined {
  const names: Readonly<Record<string, string>> = t.queue.fields;
  const [first = '', second] = path.split('.');
  return names[first === 'changes' && second !== undefined ? second : first];
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length > MAX_DETAIL ? `${value.slice(0, MAX_DETAIL - 1)}…` : value;
}
