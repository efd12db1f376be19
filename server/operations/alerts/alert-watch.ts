import type { Pool } from '../../db/pool.ts';
import type { Lease, Leases } from '../../jobs/job.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Service } from '../../platform/service.ts';
import { sleep } from '../../platform/sleep.ts';
import type { AlertName, AlertRecord, Finding, Scope } from './alert.ts';
import { advance, dueEvents, EMPTY_BOOK, told } from './alert-book.ts';
import type { AlertBook } from './alert-book.ts';
import { loadAlerts, saveAlerts, tidyAlerts, touchAlerts } from './alert-store.ts';
import { FactsReader } from './facts-reader.ts';
import { ALERT_LIMITS } from './facts.ts';
import type { AlertLimits, InstanceFacts, SharedFacts, StalledDevice } from './facts.ts';
import { judgeInstance } from './judge-instance.ts';
import { judgeShared, RUN_ALERTS, unknownAlerts } from './judge-shared.ts';
import type { ExpectedFeed, ExpectedJob } from './expected.ts';
import { afterLook, FRESH_TURN, isSpent, letGo } from './shared-turn.ts';
import type { SharedOutcome } from './shared-turn.ts';
import type { Webhook } from './webhook.ts';

/** How often is looked, and how long what was told is not told again; in milliseconds. */
export interface AlertPace {
  readonly everyMs: number;
  readonly quietMs: number;
  /** Postgres is away when it takes longer to answer. */
  readonly answerWithinMs: number;
  /** An instance that has not looked for so long is gone. */
  readonly goneAfterMs: number;
}

export const ALERT_PACE: AlertPace = {
  everyMs: 15_000,
  quietMs: 600_000,
  answerWithinMs: 5_000,
  goneAfterMs: 3_600_000,
};

/** What is told at one look, at most; the rest with the next one. */
const MAX_TOLD_AT_ONCE = 20;
const LEASE = 'alerts';

/** What the watch needs from outside. */
export interface AlertWatchParts {
  readonly pool: Pool;
  readonly leases: Leases;
  /** Names this instance, for people. */
  readonly instance: string;
  readonly feeds: readonly ExpectedFeed[];
  readonly jobs: readonly ExpectedJob[];
  /** All that only this instance knows, but for how Postgres answers. */
  readonly instanceFacts: (nowMs: number) => Omit<InstanceFacts, 'postgresAnswers' | 'unread' | 'isUntried'>;
  /** Devices that got no further for this long, in milliseconds, those for longest first; undefined while nothing can be said. */
  readonly stalledDevices: (forMs: number) => Promise<readonly StalledDevice[] | undefined>;
  /** Undefined: alerts are kept and shown, and nobody is told. */
  readonly webhook: Webhook | undefined;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pace?: Partial<AlertPace>;
  readonly limits?: Partial<AlertLimits>;
  readonly kinds?: Parameters<typeof advance>[2]['kinds'];
}

/** Looks at how everything fares, and tells operators what is wrong and when it is over. */
export interface AlertWatch extends Service {
  /** What was last read of Postgres, and when; undefined before. */
  facts(): { readonly facts: SharedFacts; readonly at: Date } | undefined;
  /** Open alerts that this instance knows: its own, and the shared ones while it is the one that tells them. */
  open(): Readonly<Partial<Record<AlertName, number>>>;
}

/** Makes the watch. */
export function createAlertWatch(parts: AlertWatchParts): AlertWatch {
  return new Watch(parts);
}

class Watch implements AlertWatch {
  readonly name = 'alerts';
  readonly #parts: AlertWatchParts;
  readonly #pace: AlertPace;
  readonly #limits: AlertLimits;
  readonly #log: Logger;
  readonly #books: Record<Scope, AlertBook> = { shared: EMPTY_BOOK, instance: EMPTY_BOOK };
  /** As they were last written; what differs is still to be. */
  readonly #saved: Record<Scope, Map<string, AlertRecord>> = { shared: new Map(), instance: new Map() };
  #isLoaded = false;
  #lease: Lease | undefined;
  #facts: { readonly facts: SharedFacts; readonly at: Date } | undefined;
  readonly #reader: FactsReader;
  #turn = FRESH_TURN;

  constructor(parts: AlertWatchParts) {
    this.#parts = parts;
    this.#pace = { ...ALERT_PACE, ...parts.pace };
    this.#limits = { ...ALERT_LIMITS, ...parts.limits };
    this.#log = parts.logger.child({ component: 'alerts' });
    this.#reader = new FactsReader({
      pool: parts.pool,
      feeds: parts.feeds.map(({ feed }) => feed),
      jobs: Object.keys(RUN_ALERTS),
      stalledDevices: () => parts.stalledDevices(this.#limits.stalledMs),
      answerWithinMs: this.#pace.answerWithinMs,
      log: this.#log,
    });
  }

  facts() {
    return this.#facts;
  }

  open() {
    const counts: Partial<Record<AlertName, number>> = {};
    for (const { records } of Object.values(this.#books))
      for (const { name, clearedAt } of records)
        if (clearedAt === null) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.#look(signal);
        await sleep(this.#pace.everyMs, signal);
      }
    } finally {
      await this.#giveUpLease();
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { answers: postgresAnswers, facts, unread } = await this.#reader.read();
    if (facts !== undefined) this.#facts = { facts, at: this.#parts.clock.now() };
    if (!(await this.#knowsItsOwn(postgresAnswers))) return;
    await this.#lookAtOwn({ postgresAnswers, ...this.#sight(unread) }, signal);
    const outcome = await this.#takeTurn(facts, unread.length === 0, signal);
    this.#turn = afterLook(this.#turn, outcome);
    if (!isSpent(this.#turn)) return;
    // Another instance, which can read all, takes it before the next look; where there is none, this one goes on.
    await this.#giveUpLease();
    this.#turn = letGo(this.#turn);
  }

  /** While another instance has the lease, nobody knows whether this one could tell by now what it could not. */
  #sight(unread: readonly string[]): Pick<InstanceFacts, 'unread' | 'isUntried'> {
    const { isUntold } = this.#turn;
    const holds = this.#lease !== undefined;
    return { unread: isUntold && holds ? [...unread, 'alerts'] : unread, isUntried: isUntold && !holds };
  }

  async #takeTurn(
    facts: SharedFacts | undefined,
    isWhole: boolean,
    signal: AbortSignal,
  ): Promise<SharedOutcome> {
    if (facts === undefined || !(await this.#holdsLease())) {
      // Somebody else may tell them now: what is in Postgres counts, and not what was seen here before.
      this.#books.shared = EMPTY_BOOK;
      if (facts !== undefined) return 'refused';
      return this.#lease === undefined ? 'away' : 'unread';
    }
    try {
      await this.#lookAtShared(facts, signal);
      return isWhole ? 'well' : 'partly';
    } catch (error) {
      this.#log.info({ reason: messageOf(error) }, 'shared alerts could not be looked at');
      return 'untold';
    }
  }

  /** Before anything is raised: what was told before a restart is not told again. */
  async #knowsItsOwn(postgresAnswers: boolean): Promise<boolean> {
    if (this.#isLoaded || !postgresAnswers) return this.#isLoaded;
    try {
      await this.#load('instance');
      this.#isLoaded = true;
    } catch (error) {
      this.#log.info({ reason: messageOf(error) }, 'alerts of before could not be read yet');
    }
    return this.#isLoaded;
  }

  /** Also without Postgres: what cannot be written is told all the same, and written when it is back. */
  async #lookAtOwn(
    sight: Pick<InstanceFacts, 'postgresAnswers' | 'unread' | 'isUntried'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { instance, pool, clock } = this.#parts;
    const { postgresAnswers } = sight;
    const facts = { ...this.#parts.instanceFacts(clock.now().getTime()), ...sight };
    this.#advance('instance', judgeInstance(facts, instance, this.#limits));
    if (postgresAnswers) await this.#saveIfPossible('instance');
    await this.#tell('instance', signal);
    if (!postgresAnswers) return;
    await this.#saveIfPossible('instance');
    if (this.#books.instance.records.some(({ clearedAt }) => clearedAt === null))
      await touchAlerts(pool, instance).catch(() => {});
  }

  async #lookAtShared(facts: SharedFacts, signal: AbortSignal): Promise<void> {
    const { pool, feeds, jobs, clock } = this.#parts;
    await tidyAlerts(pool, this.#pace.goneAfterMs);
    await this.#load('shared');
    const findings = judgeShared(facts, { feeds, jobs }, this.#limits, clock.now().getTime());
    this.#advance('shared', findings, unknownAlerts(facts));
    await this.#save('shared');
    await this.#tell('shared', signal);
    await this.#save('shared');
  }

  async #load(scope: Scope): Promise<void> {
    const records = await loadAlerts(this.#parts.pool, scope, this.#parts.instance);
    this.#saved[scope] = new Map(records.map((record) => [record.id, record]));
    this.#books[scope] = { ...this.#books[scope], records };
  }

  #advance(scope: Scope, findings: readonly Finding[], unknown: ReadonlySet<AlertName> = new Set()): void {
    const { instance, newId, clock, kinds } = this.#parts;
    const nowMs = clock.now().getTime();
    const before = new Map(this.#books[scope].records.map((record) => [record.id, record]));
    const circumstances = { nowMs, instance, newId, quietMs: this.#pace.quietMs, unknown };
    const book = advance(
      this.#books[scope],
      findings,
      kinds === undefined ? circumstances : { ...circumstances, kinds },
    );
    this.#books[scope] = { ...book, records: book.records.filter((record) => isOfUse(record, nowMs)) };
    for (const record of book.records) {
      const { name, subject, what, clearedAt } = record;
      if (!before.has(record.id)) this.#log.warn({ alert: name, subject, what }, 'an alert is raised');
      else if (clearedAt !== null && before.get(record.id)?.clearedAt === null)
        this.#log.info({ alert: name, subject }, 'an alert is over');
    }
  }

  async #tell(scope: Scope, signal: AbortSignal): Promise<void> {
    const { webhook, clock } = this.#parts;
    if (webhook === undefined) return;
    for (let count = 0; count < MAX_TOLD_AT_ONCE; count += 1) {
      const [event] = dueEvents(this.#books[scope], clock.now().getTime());
      if (event === undefined) return;
      if (scope === 'shared' && this.#lease?.lost.aborted === true) return;
      if (!(await webhook.tell(event, signal))) return;
      this.#books[scope] = told(this.#books[scope], event, clock.now());
      // At once: whoever takes over from here must not tell it again.
      await this.#saveIfPossible(scope);
    }
  }

  async #saveIfPossible(scope: Scope): Promise<void> {
    await this.#save(scope).catch((error: unknown) => {
      this.#log.info({ reason: messageOf(error) }, 'alerts are written down later');
    });
  }

  async #save(scope: Scope): Promise<void> {
    const saved = this.#saved[scope];
    const { records } = this.#books[scope];
    const changed = records.filter((record) => !isSame(saved.get(record.id), record));
    await saveAlerts(this.#parts.pool, scope, changed);
    this.#saved[scope] = new Map(records.map((record) => [record.id, record]));
  }

  async #holdsLease(): Promise<boolean> {
    if (this.#lease?.lost.aborted === true) await this.#giveUpLease();
    // A Postgres that is away refuses it; that is an alert of its own.
    this.#lease ??= await this.#parts.leases.tryAcquire(LEASE).catch(() => undefined);
    return this.#lease !== undefined;
  }

  async #giveUpLease(): Promise<void> {
    const lease = this.#lease;
    this.#lease = undefined;
    await lease?.release();
  }
}

const DAY_MS = 24 * 3_600_000;

/** As in what is loaded: what was cleared long ago is history. */
function isOfUse({ clearedAt }: AlertRecord, nowMs: number): boolean {
  return clearedAt === null || nowMs - clearedAt.getTime() < DAY_MS;
}

function isSame(a: AlertRecord | undefined, b: AlertRecord): boolean {
  return (
    a !== undefined &&
    a.what === b.what &&
    a.toldAt?.getTime() === b.toldAt?.getTime() &&
    a.clearedAt?.getTime() === b.clearedAt?.getTime() &&
    a.clearToldAt?.getTime() === b.clearToldAt?.getTime()
  );
}
