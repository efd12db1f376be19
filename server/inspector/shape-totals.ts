import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ShapeSource, ShapeViewStatus } from '../shape-engine/shape-engine.ts';
import type { ShapeTotals, ViewReport } from './own-report.ts';

/** Views that are told of one by one: those with most readers, of each shape. */
const TOP_VIEWS = 5;

type Totals = { -readonly [Name in keyof ShapeTotals]: ShapeTotals[Name] };

export interface TotalsParts {
  readonly catalog: ReadonlyMap<string, ShapeDefinition>;
  readonly views: Iterable<ShapeViewStatus>;
  /** How long ago the log's end went past a place; undefined where that is longer ago than is remembered. In milliseconds. */
  readonly age: (lsn: bigint) => number | undefined;
  readonly nowMs: number;
}

/** What an instance has of each shape of the catalogue, and of which views most wait for news. */
export function shapeTotals({ catalog, views, age, nowMs }: TotalsParts) {
  const names = new Map<string, ShapeDefinition>();
  for (const definition of catalog.values()) names.set(identityOf(definition), definition);
  const totals = new Map<string, Totals>();
  const top = new Map<string, ViewReport[]>();
  for (const view of views) {
    const definition = names.get(identityOfSource(view.source));
    if (definition === undefined) continue;
    const { name } = definition;
    const changeAge = view.changedAt === 0n ? null : (age(view.changedAt - 1n) ?? null);
    add(totals.get(name) ?? fresh(name, totals), view, changeAge);
    keepTop(top, viewReport(definition, view, changeAge, nowMs));
  }
  return { shapes: [...totals.values()], views: [...top.values()].flat() };
}

function fresh(name: string, totals: Map<string, Totals>): Totals {
  const made: Totals = {
    ...{ name, views: 0, waiting: 0, snapshots: 0, snapshotRows: 0, snapshotBytes: 0, tailBytes: 0 },
    ...{ messages: 0, messageBytes: 0, snapshotsMade: 0, snapshotMs: 0, changeAge: null },
  };
  totals.set(name, made);
  return made;
}

function add(totals: Totals, view: ShapeViewStatus, changeAge: number | null): void {
  totals.views += 1;
  totals.waiting += view.waiting;
  totals.snapshots += view.snapshot === null ? 0 : 1;
  totals.snapshotRows += view.snapshot?.messages ?? 0;
  totals.snapshotBytes += view.snapshot?.bytes ?? 0;
  totals.tailBytes += view.tailBytes;
  totals.messages += view.messages;
  totals.messageBytes += view.messageBytes;
  totals.snapshotsMade += view.snapshotsMade;
  totals.snapshotMs += view.snapshotMs;
  if (changeAge !== null) totals.changeAge = Math.min(totals.changeAge ?? Infinity, changeAge);
}

function viewReport(
  { name, values }: ShapeDefinition,
  { source, hash, waiting, snapshot, tailBytes, lastUsedMs }: ShapeViewStatus,
  changeAge: number | null,
  nowMs: number,
): ViewReport {
  return {
    name,
    handle: hash,
    // Whose a personal view is, is nothing to be listed.
    params: source.params.filter((_, i) => 'param' in (values[i] ?? {})),
    waiting,
    snapshotRows: snapshot?.messages ?? null,
    snapshotBytes: snapshot?.bytes ?? null,
    snapshotAge: snapshot === null ? null : Math.max(0, nowMs - snapshot.madeAtMs),
    tailBytes,
    changeAge,
    usedAge: Math.max(0, nowMs - lastUsedMs),
  };
}

function keepTop(top: Map<string, ViewReport[]>, view: ViewReport): void {
  const kept = top.get(view.name) ?? [];
  if (kept.length === TOP_VIEWS && view.waiting <= kept.at(-1)!.waiting) return;
  kept.push(view);
  kept.sort((a, b) => b.waiting - a.waiting);
  top.set(view.name, kept.slice(0, TOP_VIEWS));
}

function identityOf({ table, where, columns }: ShapeDefinition): string {
  return JSON.stringify([table, where, columns.map(({ name }) => name)]);
}

function identityOfSource({ table, where, columns }: ShapeSource): string {
  return JSON.stringify([table, where, columns]);
}
