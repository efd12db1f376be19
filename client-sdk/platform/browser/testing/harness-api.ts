import type { Halo } from '../../../api.ts';
import type { OpenTimes } from './time-to-open.ts';

/** What the tests and the bench of the browser platform call in the page that `index.html` makes. */
export interface Harness {
  outboxCases(): string[];
  runOutboxCase(title: string): Promise<string>;
  appendFromSeveralTabs(count: number): Promise<number[]>;
  open(store: string, region?: string): Promise<void>;
  /** Opens a device of an account and times it. */
  timedOpen(store: string, email: string, password: string): Promise<OpenTimes>;
  /** Opens PGlite alone on the files of a store's replica, or an empty one where none is named, and times it. */
  timedPostgres(store?: string): Promise<OpenTimes>;
  /** Opens it without a replica, which takes seconds to open. */
  openOutboxOnly(store: string): Promise<void>;
  /** Leaves of the store `cutOff` what a tab leaves that is killed before PGlite has stored the first files of `like`. */
  cutOffFirstStart(like: string, cutOff: string): Promise<void>;
  /** Deletes the replica of a store that has one account, as the client does with one that does not open. */
  destroyReplica(store: string): Promise<void>;
  /** Names of the databases in which PGlite keeps something. */
  replicas(): Promise<string[]>;
  /** Has the queue of a closed store, which holds one mutation, hold as many like it; in one transaction, as no app could. */
  fillQueue(store: string, count: number): Promise<void>;
  /** Takes the database of a store's queue away from who holds it: deletes it, or opens it as a newer app does. */
  takeStore(store: string, how: 'deleteDatabase' | 'open'): Promise<void>;
  /** Resolves when the files of a store's replica have been the same for two seconds: they are written behind what is shown. */
  kept(store: string): Promise<void>;
  /** Closes what `timedOpen` or `timedPostgres` has opened. */
  close(): Promise<void>;
  halo(): Halo;
  report(description: string): Promise<{ id: string; seq: number }>;
  /** Reports `<name> <n>` for each n from `from` to `to`, and says each to the console as `kept <name> <n>`. */
  reportMany(name: string, from: number, to: number): Promise<void>;
}
