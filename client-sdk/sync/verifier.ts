import type { ShapeVerification } from '../api.ts';
import { HaloClientError } from '../errors.ts';
import { checksumRows } from '../replica/checksum-rows.ts';
import { forgetUntold } from '../replica/pending/forget-untold.ts';
import type { Replica } from '../replica/replica.ts';
import type { Subscription } from '../replica/subscription.ts';
import { loadVerificationTimes, saveVerificationTimes } from '../replica/verification-times.ts';
import type { VerificationTime } from '../replica/verification-times.ts';
import { checksumUrl, readChecksumAnswer } from '../streams/ask-checksum.ts';
import type { Environment } from './environment.ts';
import type { HttpRequest } from './http.ts';
import type { ReplicaHandle } from './replica-handle.ts';
import type { AuthorizedOutcome } from './session.ts';
import { firstTime, isDue, mayRebuild, nextTime } from './verification-schedule.ts';

/** How often it is looked whether a shape is due, in milliseconds, give or take a half. */
const LOOK_EVERY_MS = 900_000;

/** The shape that tells what became of this person's mutations. */
const MY_MUTATIONS = 'my_mutations';

export interface VerifierOptions {
  readonly url: string;
  subscriptions(): readonly Subscription[];
  readonly replica: ReplicaHandle;
  readonly environment: Environment;
  request(request: Omit<HttpRequest, 'token'>): Promise<AuthorizedOutcome>;
  isLive(id: string): boolean;
  /** Has a shape read anew; resolves when that is under way, false when nobody follows it. */
  refetch(id: string): Promise<boolean>;
  onVerified(verification: ShapeVerification): void;
  /** These views have other rows now. */
  onTables(tables: readonly string[]): void;
  /** Something asked of the replica has failed. */
  onReplicaError(error: unknown): void;
}

/**
 * Compares the replica's rows with the server's, shape by shape, at the position that the rows are good for; rows that
 * differ are fetched again. Once a day by itself, where the shape is live.
 */
export class Verifier {
  readonly #options: VerifierOptions;
  #running: Promise<ShapeVerification[]> | undefined;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Compares all, one after the other; who asks meanwhile shares the answer. Throws `replica_unavailable`. */
  verify(signal: AbortSignal): Promise<ShapeVerification[]> {
    this.#running ??= this.#all(signal).finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Compares what is due, now and then, until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { replica: handle, environment, onReplicaError } = this.#options;
    while (!signal.aborted) {
      const replica = await handle.opened;
      if (replica === undefined) return;
      try {
        await this.#due(replica, signal);
      } catch (error) {
        if (!signal.aborted) onReplicaError(error);
      }
      await environment.sleep(LOOK_EVERY_MS * (0.5 + environment.random()), signal);
    }
  }

  async #all(signal: AbortSignal): Promise<ShapeVerification[]> {
    const { replica: handle, subscriptions } = this.#options;
    const replica = await handle.opened;
    if (replica === undefined) {
      throw new HaloClientError('replica_unavailable', 'There is no replica to be compared.');
    }
    const verifications: ShapeVerification[] = [];
    for (const subscription of subscriptions()) {
      verifications.push(await this.#compare(replica, subscription, true, signal));
    }
    return verifications;
  }

  async #due(replica: Replica, signal: AbortSignal): Promise<void> {
    const { environment, subscriptions, isLive } = this.#options;
    const known = await loadVerificationTimes(replica.database);
    const times = new Map<string, VerificationTime>();
    let hasChanged = false;
    for (const subscription of subscriptions()) {
      const { id } = subscription;
      const now = environment.now();
      let time = known[id] ?? firstTime(now, environment.random());
      hasChanged ||= known[id] === undefined;
      if (isDue(time, now) && isLive(id) && !signal.aborted) {
        const { outcome, rebuilt } = await this.#compare(
          replica,
          subscription,
          mayRebuild(time, now),
          signal,
        );
        time = nextTime(time, outcome, rebuilt, environment.now(), environment.random());
        hasChanged = true;
      }
      times.set(id, time);
    }
    if (hasChanged) await saveVerificationTimes(replica.database, Object.fromEntries(times));
  }

  async #compare(
    { database, pending }: Replica,
    subscription: Subscription,
    mayFetch: boolean,
    signal: AbortSignal,
  ): Promise<ShapeVerification> {
    const { url, environment, request, refetch, isLive, onVerified, onTables } = this.#options;
    const { id, definition, params } = subscription;
    const own = await checksumRows(database, subscription);
    const base = {
      shape: id,
      offset: own?.offset,
      device: own?.checksum.rows,
      server: undefined,
      rebuilt: false,
    };
    const verdict = async (): Promise<Omit<ShapeVerification, 'at'>> => {
      if (own === undefined) {
        const error = { code: 'not_read', message: 'The shape has not been read yet.' };
        return { ...base, outcome: 'not_compared', error };
      }
      const target = checksumUrl(url, { name: definition.name, params }, own);
      const answer = readChecksumAnswer(await request({ method: 'GET', url: target, signal }));
      if (answer.kind === 'not_told') return { ...base, outcome: 'not_compared', error: answer.error };
      const { rows, digest } = answer.checksum;
      const isEqual = rows === own.checksum.rows && digest === own.checksum.digest;
      const compared = { ...base, server: rows, error: undefined };
      if (isEqual) return { ...compared, outcome: 'equal' };
      return { ...compared, outcome: 'different', rebuilt: mayFetch && (await refetch(id)) };
    };
    const verification = { ...(await verdict()), at: new Date(environment.now()) };
    if (signal.aborted) return verification;
    if (id === MY_MUTATIONS && verification.outcome === 'equal' && isLive(id)) {
      const shown = await forgetUntold(database, pending, environment.now());
      if (shown.length > 0) onTables(shown);
    }
    onVerified(verification);
    return verification;
  }
}
