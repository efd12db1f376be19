import type { Pool } from '../db/pool.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { sleep } from '../platform/sleep.ts';
import { listOpenChecks, markSent } from './check-store.ts';
import { markSilent, writeContacts, writeEvents, writeStatus } from './contact-store.ts';
import type { WrittenContact } from './contact-store.ts';
import type { DeviceBook, HeardDevice } from './device-book.ts';
import type { OpenChecks } from './open-checks.ts';

/** How often it is looked what is to be written, in milliseconds. */
const WRITE_EVERY_MS = 2_000;
/** A device that asks all the time is written this often; one that waits for news asks more seldom. */
const CONTACT_GRAIN_MS = 9_000;
/** What a device says of itself is written this often at most: it goes into the WAL, and to operators' devices. */
const STATUS_GRAIN_MS = 10_000;
/** A log-in whose client has not named its device within this time is one that does not, in milliseconds. */
const NAMED_WITHIN_MS = 10_000;
/** Rows in one statement. */
const MAX_ROWS = 2_000;
/** How often it is looked who is heard no more, in milliseconds. */
const SILENT_EVERY_MS = 30_000;

export interface ContactWriterParts {
  readonly pool: Pool;
  /** The id of this instance. */
  readonly instance: string;
  readonly book: DeviceBook;
  readonly checks: OpenChecks;
  /** A monotonic clock in milliseconds; the book's. */
  readonly nowMs: () => number;
  readonly logger: Logger;
}

/** Writes the book down in Postgres, at its own pace, so that every instance sees what each has heard. */
export class ContactWriter implements Service {
  readonly name = 'contacts';
  readonly #parts: ContactWriterParts;
  #silentLookedMs = -Infinity;
  #isFailing = false;

  constructor(parts: ContactWriterParts) {
    this.#parts = parts;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#writeOrWait();
      await sleep(WRITE_EVERY_MS, signal);
    }
    // The last contacts, so that the next instance need not wait for them.
    await this.#writeOrWait();
  }

  /** Writes what is due. Rejects where Postgres does not take it; nothing is forgotten then. */
  async write(): Promise<void> {
    const { pool, book, checks, instance, nowMs } = this.#parts;
    const now = nowMs();
    const devices = [...book.all()];
    await this.#writeStatus(devices.filter((device) => isStatusDue(device, now)));
    for (const part of parts(devices.filter((device) => isContactDue(device, now)))) {
      await writeContacts(
        pool,
        instance,
        part.map((device) => this.#written(device, now)),
      );
      for (const device of part) Object.assign(device, { writtenMs: now, turned: false });
    }
    const events = book.takeEvents();
    try {
      for (const part of parts(events)) await writeEvents(pool, instance, nowMs(), part);
    } catch (error) {
      book.giveBack(events);
      throw error;
    }
    const sent = checks.takeSent();
    if (sent.length > 0) await markSent(pool, sent);
    checks.replace(await listOpenChecks(pool));
    if (now - this.#silentLookedMs > SILENT_EVERY_MS) {
      this.#silentLookedMs = now;
      await markSilent(pool);
    }
  }

  async #writeStatus(devices: readonly HeardDevice[]): Promise<void> {
    const { pool, nowMs } = this.#parts;
    for (const part of parts(devices)) {
      for (const device of part) Object.assign(device, { changed: false, statusWrittenMs: nowMs() });
      try {
        const accepted = await writeStatus(
          pool,
          part.map((device) => this.#written(device, nowMs())),
        );
        for (const device of part) device.accepted = accepted.has(device.id);
      } catch (error) {
        for (const device of part) Object.assign(device, { changed: true, statusWrittenMs: -Infinity });
        throw error;
      }
    }
  }

  #written(device: HeardDevice, now: number): WrittenContact {
    const { heardMs, sinceMs, error, shapes } = device;
    const age = (ms: number) => Math.max(0, Math.round(now - ms));
    return {
      device,
      heardAgeMs: age(heardMs),
      sinceAgeMs: age(sinceMs),
      dueMs: this.#parts.book.dueMs(device),
      errorAgeMs: device.report?.e === undefined ? age(error?.atMs ?? now) : 0,
      shapes: JSON.stringify(
        [...shapes.values()].map(({ shape, phase, offset, askedMs, movedMs, looks }) => {
          return [shape, phase, offset, age(askedMs), age(movedMs), looks ? 1 : 0];
        }),
      ),
    };
  }

  async #writeOrWait(): Promise<void> {
    const { logger } = this.#parts;
    try {
      await this.write();
      this.#isFailing = false;
    } catch (error) {
      // Told once: Postgres may be away for long, and others say so too.
      if (!this.#isFailing) {
        logger.warn(
          { component: 'inspector', reason: messageOf(error) },
          'contacts cannot be written at present',
        );
      }
      this.#isFailing = true;
    }
  }
}

function isStatusDue({ changed, statusWrittenMs, knownBy, sinceMs }: HeardDevice, now: number): boolean {
  // A client that names its device does so a moment after its start.
  if (knownBy === 'session' && now - sinceMs < NAMED_WITHIN_MS) return false;
  return changed && now - statusWrittenMs >= STATUS_GRAIN_MS;
}

function isContactDue({ accepted, heardMs, writtenMs, turned, taking }: HeardDevice, now: number): boolean {
  if (!accepted) return false;
  const isDue = turned || now - writtenMs >= CONTACT_GRAIN_MS;
  return isDue && (heardMs > writtenMs || taking > 0);
}

function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += MAX_ROWS) yield all.slice(from, from + MAX_ROWS);
}
