import { open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { HaloClientError, messageOf } from '../../errors.ts';
import { emptyJournalState, stepsOf, takeStep } from '../../outbox/journal-state.ts';
import type { JournalOp, JournalState } from '../../outbox/journal-state.ts';
import type { OutboxStore, Replacement, StoredMutation } from '../../outbox/outbox-store.ts';
import { storeFailure } from '../../outbox/store-failure.ts';
import { decodeFrames, encodeFrame } from './journal-frames.ts';
import { isNamed, makeDirectory, replaceFile, syncDirectory } from './durable-files.ts';

/** A journal is compacted once it is larger than this and more than twice what it must hold. */
const COMPACT_OVER_BYTES = 256 * 1024;
/** How much a journal grows before it is compacted again, or that is tried again where it failed, in bytes. */
const COMPACT_AGAIN_BYTES = 256 * 1024;
/** Most callers whose steps share a frame, so that its JSON stays well within what a string may hold. */
const MAX_FRAME_CALLERS = 500;
/** Most steps of one frame of a compacted journal, for the same reason. */
const MAX_FRAME_STEPS = 500;

/** Where counting stands, with the steps of the same frame that come before. */
interface Count {
  lastSeq: number;
  /** Rejected entries that these steps have removed. */
  readonly removed: Set<string>;
}

interface Waiting {
  /** Says the steps, which become durable together, once its turn has come; none when there is nothing to do. */
  readonly say: (count: Count) => readonly JournalOp[];
  readonly done: (steps: readonly JournalOp[]) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The outbox in Node: an append-only journal. Callers that arrive while an fsync runs share the next one
 * (group commit). A tail torn by a crash was never acknowledged and is cut at opening; damage before
 * the tail fails with `store_damaged` and leaves the file as it is.
 */
export async function openJournalOutbox(dir: string): Promise<OutboxStore> {
  makeDirectory(dir);
  const file = join(dir, 'journal');
  const handle = await open(file, 'a+', 0o600);
  try {
    const bytes = await readFile(file);
    const { steps, goodBytes, damaged } = decodeFrames(bytes);
    if (damaged) {
      const message = `The outbox ${file} is damaged after byte ${goodBytes}. It was left untouched.`;
      throw new HaloClientError('store_damaged', message);
    }
    if (goodBytes < bytes.length) await handle.truncate(goodBytes);
    await handle.sync();
    await syncDirectory(dir);
    const state = emptyJournalState();
    for (const step of steps) takeStep(state, step);
    return new JournalOutbox(file, handle, state, goodBytes);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class JournalOutbox implements OutboxStore {
  readonly #file: string;
  #handle: FileHandle;
  readonly #state: JournalState;
  #bytes: number;
  #compactOver = COMPACT_OVER_BYTES;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** Why the journal takes no more: it is closed, or its file can no longer be trusted. */
  #ended: HaloClientError | undefined;

  constructor(file: string, handle: FileHandle, state: JournalState, bytes: number) {
    this.#file = file;
    this.#handle = handle;
    this.#state = state;
    this.#bytes = bytes;
  }

  async append(mutation: Omit<StoredMutation, 'seq'>): Promise<StoredMutation> {
    const [stored] = queuedBy(
      await this.#write((count) => [{ op: 'added', mutation: { ...mutation, seq: count.lastSeq + 1 } }]),
    );
    return stored!;
  }

  async pending(limit: number, after = 0): Promise<StoredMutation[]> {
    return this.#page(limit, ({ seq, rejection }) => seq > after && rejection === undefined);
  }

  async list(limit: number, after = 0): Promise<StoredMutation[]> {
    return this.#page(limit, ({ seq }) => seq > after);
  }

  async find(id: string): Promise<StoredMutation | undefined> {
    return this.#state.entries.get(id);
  }

  async counts(): Promise<{ pending: number; rejected: number }> {
    const { entries, rejected } = this.#state;
    return { pending: entries.size - rejected, rejected };
  }

  async settleApplied(id: string): Promise<void> {
    if (this.#state.entries.has(id)) await this.#write(() => [{ op: 'applied', id }]);
  }

  async settleRejected(id: string, rejection: NonNullable<StoredMutation['rejection']>): Promise<void> {
    if (this.#state.entries.has(id)) await this.#write(() => [{ op: 'rejected', id, rejection }]);
  }

  async replaceRejected(replacements: readonly Replacement[]): Promise<StoredMutation[] | undefined> {
    const steps = await this.#write(({ lastSeq, removed }) => {
      const isThere = ({ id }: Replacement) =>
        this.#state.entries.get(id)?.rejection !== undefined && !removed.has(id);
      if (!replacements.every(isThere)) return [];
      return replacements.map(({ id, by }, n) => {
        return { op: 'replaced', id, mutation: { ...by, seq: lastSeq + 1 + n } };
      });
    });
    return steps.length === 0 ? undefined : queuedBy(steps);
  }

  async discard(id: string): Promise<void> {
    if (this.#state.entries.get(id)?.rejection !== undefined) {
      await this.#write(() => [{ op: 'discarded', id }]);
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    if (this.#ended?.code === 'closed') return;
    this.#ended = new HaloClientError('closed', 'The outbox has been closed.');
    await this.#handle.close();
  }

  #page(limit: number, wanted: (entry: StoredMutation) => boolean): StoredMutation[] {
    const found: StoredMutation[] = [];
    for (const entry of this.#state.entries.values()) {
      if (found.length >= limit) break;
      if (wanted(entry)) found.push(entry);
    }
    return found;
  }

  #write(say: Waiting['say']): Promise<readonly JournalOp[]> {
    return new Promise((done, failed) => {
      if (this.#ended !== undefined) return failed(this.#ended);
      this.#waiting.push({ say, done, failed });
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    // A turn of the event loop, so that calls made together share the first fsync too.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#writeFrame(this.#waiting.splice(0, MAX_FRAME_CALLERS));
      if (this.#ended === undefined) await this.#compactWhenWorthwhile();
    }
    // In the same breath as the check above: a step that comes a moment later must find no writer.
    this.#writing = undefined;
  }

  async #writeFrame(group: readonly Waiting[]): Promise<void> {
    const count: Count = { lastSeq: this.#state.lastSeq, removed: new Set() };
    const said = group.map((waiting) => {
      const steps = waiting.say(count);
      for (const step of steps) countStep(count, step);
      return { waiting, steps };
    });
    const all = said.flatMap(({ steps }) => steps);
    try {
      if (this.#ended !== undefined) throw this.#ended;
      if (all.length > 0) await this.#append(encodeFrame(all));
    } catch (error) {
      await this.#takeBack(error);
      for (const { waiting } of said) waiting.failed(storeFailure(error));
      return;
    }
    for (const step of all) takeStep(this.#state, step);
    for (const { waiting, steps } of said) waiting.done(steps);
  }

  async #append(frame: Buffer): Promise<void> {
    await this.#handle.appendFile(frame);
    await this.#handle.datasync();
    this.#bytes += frame.length;
  }

  /** Cuts what a failed write left behind; when even that fails, nothing may be appended after it. */
  async #takeBack(cause: unknown): Promise<void> {
    if (this.#ended !== undefined) return;
    try {
      await this.#handle.truncate(this.#bytes);
      await this.#handle.datasync();
    } catch {
      const message = `The outbox cannot be written: ${messageOf(cause)}. Open the store again.`;
      this.#ended = new HaloClientError('store_failed', message, { cause });
    }
  }

  async #compactWhenWorthwhile(): Promise<void> {
    if (this.#bytes <= Math.max(this.#compactOver, 2 * this.#state.bytes)) return;
    try {
      const replaced = this.#handle;
      let bytes = 0;
      const frames = framesOf(this.#state, (frame) => (bytes += frame.length));
      this.#handle = await replaceFile(this.#file, frames, 'a+');
      this.#bytes = bytes;
      this.#compactOver = Math.max(COMPACT_OVER_BYTES, bytes + COMPACT_AGAIN_BYTES);
      await replaced.close();
    } catch (cause) {
      await this.#goOnUncompacted(cause);
    }
  }

  /**
   * Nothing is lost by a compaction that failed (the disk is full) as long as the journal's name is that of the
   * file which is written to. Both files hold the same queue, but after a crash only the named one is there.
   */
  async #goOnUncompacted(cause: unknown): Promise<void> {
    this.#compactOver = this.#bytes + COMPACT_AGAIN_BYTES;
    if (await isNamed(this.#file, this.#handle).catch(() => false)) return;
    const message = `The outbox could not be compacted: ${messageOf(cause)}. Open the store again.`;
    this.#ended = new HaloClientError('store_failed', message, { cause });
  }
}

/** The frames of a compacted journal; each is told of before it is given. */
function* framesOf(state: JournalState, onFrame: (frame: Buffer) => void): Generator<Buffer> {
  for (const steps of stepsOf(state, MAX_FRAME_STEPS)) {
    const frame = encodeFrame(steps);
    onFrame(frame);
    yield frame;
  }
}

/** What these steps have put into the queue, in their order. */
function queuedBy(steps: readonly JournalOp[]): StoredMutation[] {
  return steps.flatMap((step) => ('mutation' in step ? [step.mutation] : []));
}

function countStep(count: Count, step: JournalOp): void {
  if (step.op === 'added' || step.op === 'replaced') count.lastSeq = step.mutation.seq;
  if (step.op === 'discarded' || step.op === 'replaced') count.removed.add(step.id);
}
