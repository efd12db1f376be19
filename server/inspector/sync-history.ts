import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { HISTORY_MAX_POINTS, HISTORY_MIN_STEP_S } from '@halo/shapes/protocol/sync-history.ts';
import type { HistoryPoint } from '@halo/shapes/protocol/sync-history.ts';
import { verdictOf, worstOf } from './findings.ts';
import type { Facts } from './findings.ts';
import type { FleetView } from './fleet.ts';
import type { InstanceView } from './instances.ts';
import { outboxOf } from './overview.ts';

/** What is written down of a minute, but for what the database counts itself. */
export interface Look {
  readonly verdict: Overview['verdict'];
  readonly lag: HistoryPoint['lag'];
  readonly devices: FleetView['counts'];
  readonly outbox: Overview['outbox'];
}

/** A minute as it was written down. */
export interface Minute extends Omit<HistoryPoint, 'at' | 'minutes'> {
  readonly atMs: number;
}

/** How all of it fares now. */
export function lookAt(facts: Facts): Look {
  const { fleet, instances } = facts;
  return {
    verdict: verdictOf(facts),
    lag: lagOf(instances),
    devices: fleet.counts,
    outbox: outboxOf(fleet.devices),
  };
}

/** Of the instance furthest behind. Where one is not known the whole is not: never the best of the others. */
function lagOf(instances: readonly InstanceView[]): Look['lag'] {
  const there = instances.filter(({ state, upstream }) => state !== 'gone' && !upstream);
  const worst = there.toSorted((a, b) => (b.lagMs ?? Infinity) - (a.lagMs ?? Infinity))[0];
  if (worst === undefined) return { bytes: null, seconds: null, instance: null };
  const bytes = there.map(({ lagBytes }) => lagBytes);
  return {
    bytes: bytes.includes(null) ? null : Math.max(...bytes.map((each) => each ?? 0)),
    seconds: worst.lagMs === null ? null : worst.lagMs / 1000,
    instance: worst.lagMs === 0 ? null : worst.id,
  };
}

/** The shortest step of whole minutes, in seconds, that gives no more points than an answer may have. */
export function shortestStep(fromMs: number, toMs: number): number {
  const least = (toMs - fromMs) / 1000 / (HISTORY_MAX_POINTS - 1);
  return Math.max(1, Math.ceil(least / HISTORY_MIN_STEP_S)) * HISTORY_MIN_STEP_S;
}

/** How many steps have a part between two times. */
export function stepsBetween(fromMs: number, toMs: number, stepSeconds: number): number {
  const stepMs = stepSeconds * 1000;
  return Math.ceil(toMs / stepMs) - Math.floor(fromMs / stepMs);
}

/** Minutes, the oldest first, as points of longer steps: each says the worst that was seen in it. */
export function inSteps(minutes: readonly Minute[], stepSeconds: number): HistoryPoint[] {
  const stepMs = stepSeconds * 1000;
  const steps = new Map<number, Minute[]>();
  for (const minute of minutes) {
    const atMs = Math.floor(minute.atMs / stepMs) * stepMs;
    const step = steps.get(atMs);
    if (step === undefined) steps.set(atMs, [minute]);
    else step.push(minute);
  }
  return [...steps].map(([atMs, step]) => pointOf(atMs, step));
}

function pointOf(atMs: number, step: readonly Minute[]): HistoryPoint {
  const sum = (of: (minute: Minute) => number) => step.reduce((total, minute) => total + of(minute), 0);
  const most = (of: (minute: Minute) => number) => Math.max(...step.map(of));
  return {
    at: new Date(atMs).toISOString(),
    minutes: step.length,
    verdict: worstOf(step.map(({ verdict }) => verdict)),
    lag: {
      bytes: mostKnown(step.map(({ lag }) => lag.bytes)),
      ...worstLag(step),
    },
    retainedBytes: mostKnown(step.map(({ retainedBytes }) => retainedBytes)),
    devices: step.reduce((worst, each) => (isWorse(each.devices, worst.devices) ? each : worst)).devices,
    outbox: {
      pending: most(({ outbox }) => outbox.pending),
      rejected: most(({ outbox }) => outbox.rejected),
      stuckDevices: most(({ outbox }) => outbox.stuckDevices),
    },
    mutations: {
      applied: sum(({ mutations }) => mutations.applied),
      rejected: sum(({ mutations }) => mutations.rejected),
    },
  };
}

function worstLag(step: readonly Minute[]): Pick<HistoryPoint['lag'], 'seconds' | 'instance'> {
  const { lag } = step.reduce((worst, each) =>
    (each.lag.seconds ?? -1) > (worst.lag.seconds ?? -1) ? each : worst,
  );
  return { seconds: lag.seconds, instance: lag.instance };
}

function mostKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function isWorse(a: HistoryPoint['devices'], b: HistoryPoint['devices']): boolean {
  return a.stalled - b.stalled > 0 || (a.stalled === b.stalled && isLater(a, b));
}

function isLater(a: HistoryPoint['devices'], b: HistoryPoint['devices']): boolean {
  return a.behind > b.behind || (a.behind === b.behind && a.offline > b.offline);
}
