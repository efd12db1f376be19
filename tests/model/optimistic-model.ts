import type { StoredMutation } from '../../client-sdk/outbox/outbox-store.ts';
import { incidentRow, numberedId, reportRow, sampleReport } from '../integration/client-samples.ts';

/** Shapes that mutations alter, and the columns that the model knows of each. */
export const COLUMNS = {
  my_reports: ['description', 'severity', 'status'],
  comments: ['body'],
  my_watches: ['name'],
  incidents: ['status', 'verification'],
} as const;
export type Shape = keyof typeof COLUMNS;
export const SHAPES = Object.keys(COLUMNS) as Shape[];

export type Row = Readonly<Record<string, string>>;
/** Rows by shape and id. */
export type Rows = Readonly<Record<Shape, ReadonlyMap<string, Row>>>;
/** One change of one row; a row that is undefined goes. */
export interface Change {
  readonly shape: Shape;
  readonly id: string;
  readonly row: Row | undefined;
}

export const noRows = (): Rows => {
  return { my_reports: new Map(), comments: new Map(), my_watches: new Map(), incidents: new Map() };
};

export function changed(rows: Rows, { shape, id, row }: Change): Rows {
  const of = new Map(rows[shape]);
  if (row === undefined) of.delete(id);
  else of.set(id, row);
  return { ...rows, [shape]: of };
}

interface Args {
  readonly [name: string]: unknown;
  readonly changes?: Record<string, unknown>;
}

/** The row that a mutation is about. */
export function subjectOf({ id, type, args }: StoredMutation): { shape: Shape; id: string } {
  const given = args as Args;
  if (type.startsWith('report.')) return { shape: 'my_reports', id: (given['reportId'] as string) ?? id };
  if (type.startsWith('comment.')) return { shape: 'comments', id: (given['commentId'] as string) ?? id };
  if (type.startsWith('watch.')) return { shape: 'my_watches', id: (given['watchId'] as string) ?? id };
  return { shape: 'incidents', id: given['incidentId'] as string };
}

/**
 * What a mutation makes of the row that it is about, step by step and without patches: undefined when it finds none.
 * An incident keeps what it was `before` any verdict beside it, as the server does.
 */
export function effectOf({ id, type, args }: StoredMutation, row: Row | undefined): Row | undefined {
  const given = args as Args;
  const text = (name: string) => String(given[name]);
  switch (type) {
    case 'report.create':
      return { description: text('description'), severity: text('severity'), status: 'active' };
    case 'report.amend':
      return row && { ...row, ...asText(given.changes) };
    case 'report.withdraw':
      return row && { ...row, status: 'withdrawn' };
    case 'comment.create':
      return { body: text('body') };
    case 'watch.set':
      return row !== undefined || given['watchId'] === undefined ? { name: text('name') } : undefined;
    case 'comment.delete':
    case 'watch.remove':
      return undefined;
    case 'incident.transition':
      return row && decided(row, text('to'));
    default:
      throw new Error(`the model knows no ${type} (${id})`);
  }
}

function decided(row: Row, to: string): Row {
  const before = row['before'] ?? row['status']!;
  if (to === 'open' || to === 'closed')
    return { ...row, before: to, status: row['verdict'] === 'dismissed' ? 'closed' : to };
  const status = to === 'dismissed' ? 'closed' : before;
  return { ...row, before, status, verification: to, verdict: to };
}

const asText = (values: Record<string, unknown> = {}) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** Makes the `n`th mutation out of three random numbers; it is about one of a few rows. */
export function mutationOf(n: number, kind: number, about: number, value: number): StoredMutation {
  const subject = numberedId(about);
  const watch = { name: `w${value}`, lat: 59.33, lon: 18.06, radiusM: 500, threshold: 0.5 };
  const transitions = [
    { from: 'open', to: 'closed' },
    { from: 'closed', to: 'open' },
    { from: 'unverified', to: 'verified' },
    { from: 'unverified', to: 'dismissed' },
    { from: 'verified', to: 'disputed' },
  ];
  const kinds: [type: string, args: object][] = [
    ['report.create', sampleReport(`r${value}`)],
    ['report.amend', { reportId: subject, version: 1, changes: { severity: 1 + (value % 5) } }],
    ['report.amend', { reportId: subject, after: subject, changes: { description: `d${value}` } }],
    ['report.withdraw', { reportId: subject }],
    ['comment.create', { incidentId: numberedId(1), body: `c${value}` }],
    ['comment.delete', { commentId: subject }],
    ['watch.set', watch],
    ['watch.set', { ...watch, watchId: subject }],
    ['watch.remove', { watchId: subject }],
    ['incident.transition', { incidentId: subject, ...transitions[value % transitions.length]! }],
  ];
  const [type, args] = kinds[kind % kinds.length]!;
  return { seq: n, id: numberedId(n), type, createdAt: '2026-01-01T12:00:00.000Z', args };
}

/** A row as the wire has it. */
export function wireRow(shape: Shape, id: string, row: Row): Record<string, string | null> {
  const now = '2026-01-01 12:00:00+00';
  const value = (name: string) => row[name]!;
  switch (shape) {
    case 'my_reports':
      return { ...reportRow(id, value('description')), severity: value('severity'), status: value('status') };
    case 'comments':
      return {
        id,
        incident_id: numberedId(1),
        region: '01',
        by_officer: 'f',
        body: value('body'),
        created_at: now,
      };
    case 'my_watches':
      return {
        id,
        name: value('name'),
        lat: '59.33',
        lon: '18.06',
        radius_m: '500',
        threshold: '0.5',
        created_at: now,
        updated_at: now,
      };
    case 'incidents':
      return { ...incidentRow(id, '01'), status: value('status'), verification: value('verification') };
  }
}
