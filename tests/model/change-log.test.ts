import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogChange, LogRelation } from '../../server/change-log/change-log.ts';
import { openChangeLog } from '../../server/change-log/file-change-log.ts';
import type { FileChangeLog } from '../../server/change-log/file-change-log.ts';
import { encodeFrame, FRAME_KINDS } from '../../server/change-log/frame.ts';
import { SegmentWriter } from '../../server/change-log/segment-writer.ts';
import { createLogger } from '../../server/platform/logger.ts';
import regressions from './regressions/change-log.json' with { type: 'json' };

const logger = createLogger('silent');
const RELATION: LogRelation = {
  oid: 16_400,
  schema: 'public',
  table: 'things',
  columns: [{ name: 'id', typeOid: 20, typeModifier: -1, identity: true }],
};

/** What a test does to the log. */
type Step =
  | { readonly do: 'commit'; readonly rows: number; readonly width: number; readonly xidStep: number }
  | { readonly do: 'abandon'; readonly rows: number }
  | { readonly do: 'advance'; readonly by: number }
  | { readonly do: 'sync'; readonly wait: boolean }
  | { readonly do: 'reopen' }
  | {
      readonly do: 'crash';
      /** Share of the newest file that is kept. */
      readonly keep: number;
      /** What stands where the file was cut off: nothing, zeros, or the rest with one wrong byte before it. */
      readonly tail: 'cut' | 'zeros' | 'flip';
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      rows: fc.integer({ min: 1, max: 6 }),
      width: fc.integer({ min: 0, max: 2_000 }),
      xidStep: fc.oneof(fc.integer({ min: -3, max: 5 }), fc.constantFrom(2 ** 31 + 1, 2 ** 32)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('abandon' as const), rows: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.integer({ min: 1, max: 50 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sync' as const), wait: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      tail: fc.constantFrom('cut', 'zeros', 'flip'),
    }),
  },
);

interface Committed {
  readonly lsn: bigint;
  readonly xid: number;
  readonly values: readonly string[];
}

/** The log beside a plain list of what was committed to it. */
class Twin {
  log!: FileChangeLog;
  committed: Committed[] = [];
  /** Syncs under way beside the writing, as replication has them. */
  syncs: Promise<bigint>[] = [];
  next = 100n;
  xid = 4_294_967_290;
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  async open(): Promise<void> {
    this.log = await openChangeLog({
      dir: this.dir,
      segmentBytes: 8_192,
      maxBytes: 1 << 30,
      cacheBytes: 4_096,
      logger,
    });
    if (this.log.epoch === '') await this.log.reset('epoch', 1n);
  }

  async run(action: Step): Promise<void> {
    switch (action.do) {
      case 'commit':
        return this.commit(action.rows, action.width, action.xidStep);
      case 'abandon':
        await this.log.append({
          lsn: this.next + 1n,
          xid: 1,
          changes: changesOf(valuesOf(action.rows, 9, 'lost')),
        });
        return this.log.abandon();
      case 'advance':
        this.next += BigInt(action.by);
        return this.log.advance(this.next);
      case 'sync':
        if (action.wait) expect(await this.log.sync()).toBe(this.log.position());
        else this.syncs.push(this.log.sync());
        return;
      case 'reopen':
        await this.settleSyncs();
        await this.log.close();
        return this.open();
      case 'crash':
        return this.crash(action.keep, action.tail);
    }
  }

  async settleSyncs(): Promise<void> {
    if (this.syncs.length === 0) return;
    await Promise.all(this.syncs.splice(0));
    // How much of the file they covered is not known; that none of it may be cut is on the safe side.
    this.noteSync();
  }

  async commit(rows: number, width: number, xidStep: number): Promise<void> {
    this.next += 10n;
    this.xid += xidStep;
    const values = valuesOf(rows, width, String(this.next));
    const [first, ...rest] = changesOf(values);
    await this.log.append({ lsn: this.next, xid: this.xid, changes: [first!] });
    if (rest.length > 0) await this.log.append({ lsn: this.next, xid: this.xid, changes: rest });
    await this.log.commit(this.next);
    this.committed.push({ lsn: this.next, xid: this.xid, values });
  }

  /** Loses or damages any part of the newest file that was written since it was last synced, as a crash may. */
  async crash(keep: number, tail: 'cut' | 'zeros' | 'flip'): Promise<void> {
    await this.settleSyncs();
    const durable = this.log.durable();
    await this.log.append({ lsn: this.next + 1n, xid: 1, changes: changesOf(valuesOf(2, 50, 'torn')) });
    const newest = join(this.dir, readdirSync(this.dir).toSorted().at(-1)!);
    await this.log.close();
    const size = statSync(newest).size;
    const cut = Math.max(Math.floor(size * keep), this.#syncedBytes(newest));
    if (tail === 'flip') flipByte(newest, cut);
    else truncateSync(newest, cut);
    if (tail === 'zeros') truncateSync(newest, size);
    await this.open();
    expect(this.log.position()).toBeGreaterThanOrEqual(durable);
    this.committed = this.committed.filter(({ lsn }) => lsn <= this.log.position());
    expect(await this.contents()).toEqual(this.committed);
  }

  #synced = new Map<string, number>();
  noteSync(): void {
    const newest = join(this.dir, readdirSync(this.dir).toSorted().at(-1)!);
    this.#synced.set(newest, statSync(newest).size);
  }
  #syncedBytes(path: string): number {
    return this.#synced.get(path) ?? statSync(path).size;
  }

  async contents(): Promise<Committed[]> {
    return collect(this.log, this.log.start());
  }
}

/** Changes the byte at `at`, if the file reaches that far. */
function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  if (at >= bytes.length) return;
  bytes[at]! ^= 0x40;
  writeFileSync(path, bytes);
}

function valuesOf(rows: number, width: number, text: string): string[] {
  return Array.from({ length: rows }, (_, row) => `${text}/${row}/${'å'.repeat(width)}`);
}

function changesOf(values: readonly string[]): LogChange[] {
  return values.map((value, index) => ({
    operation: 'insert',
    relation: RELATION,
    position: 2 * index,
    old: null,
    new: [value],
  }));
}

async function collect(log: FileChangeLog, after: bigint): Promise<Committed[]> {
  const found: Committed[] = [];
  let open: { lsn: bigint; xid: number; values: string[] } | undefined;
  for await (const chunk of log.read({ kind: 'log', lsn: after, op: 'end' })) {
    open ??= { lsn: chunk.lsn, xid: chunk.xid, values: [] };
    expect(chunk.lsn).toBe(open.lsn);
    open.values.push(...chunk.changes.map((change) => change.new![0]!));
    if (!chunk.last) continue;
    found.push(open);
    open = undefined;
  }
  expect(open).toBeUndefined();
  return found;
}

/** Commits the transactions `from` to `to`, each at ten times its number and about 450 bytes long. */
async function fill(log: FileChangeLog, from: bigint, to: bigint): Promise<void> {
  for (let n = from; n <= to; n += 1n) {
    await log.append({ lsn: n * 10n, xid: Number(n), changes: changesOf(valuesOf(1, 200, String(n))) });
    await log.commit(n * 10n);
  }
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'halo-log-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('change log', () => {
  it('invariant 4: is a prefix of what was committed, whatever is reopened, cut off or abandoned', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, at) => {
          const twin = new Twin(join(dir, String((run += 1))));
          await twin.open();
          for (const action of steps) {
            await twin.run(action);
            if ((action.do === 'sync' && action.wait) || action.do === 'reopen' || action.do === 'crash')
              twin.noteSync();
            expect(twin.log.position()).toBeGreaterThanOrEqual(twin.committed.at(-1)?.lsn ?? 0n);
          }
          expect(await twin.contents()).toEqual(twin.committed);
          const from = twin.committed[Math.floor(at * twin.committed.length)]?.lsn ?? twin.log.start();
          expect(await collect(twin.log, from)).toEqual(twin.committed.filter(({ lsn }) => lsn > from));
          for (const { xid } of twin.committed) {
            const { lsn } = twin.log.offsetBefore(xid);
            const later = twin.committed.filter((other) => other.xid >= xid);
            for (const other of later) expect(other.lsn).toBeGreaterThan(lsn);
          }
          await twin.log.close();
        },
      ),
      { numRuns: 60, examples: regressions as [Step[], number][] },
    );
  });

  it('yields the rest of a transaction to one who stopped within it', async () => {
    const twin = new Twin(dir);
    await twin.open();
    await twin.commit(4, 10, 1);
    const { lsn, values } = twin.committed[0]!;
    const rest: string[] = [];
    for await (const { changes } of twin.log.read({ kind: 'log', lsn, op: 2 })) {
      rest.push(...changes.map((change) => change.new![0]!));
    }
    expect(rest).toEqual(values.slice(2));
    await twin.log.close();
  });

  it('trims whole segments, says where it begins, and refuses what lies before', async () => {
    const log = await openChangeLog({
      dir,
      segmentBytes: 4_096,
      maxBytes: 16_384,
      cacheBytes: 1_024,
      logger,
    });
    await log.reset('epoch', 1n);
    await fill(log, 1n, 60n);
    expect(log.start()).toBeGreaterThan(1n);
    expect(log.bytes()).toBeLessThan(16_384 + 2 * 4_096);
    expect(() => log.read({ kind: 'log', lsn: 1n, op: 'end' })).toThrowError(
      expect.objectContaining({ code: 'offset_trimmed' }),
    );
    const kept = await collect(log, log.start());
    expect(kept.at(-1)?.lsn).toBe(600n);
    expect(kept[0]?.lsn).toBe(log.start() + 10n);
    await log.close();
  });

  it('begins anew where another version has written, whose transaction ids were half', async () => {
    const log = await openChangeLog({ dir, logger });
    await log.reset('epoch', 1n);
    await fill(log, 1n, 5n);
    await log.close();
    const file = join(dir, readdirSync(dir).at(-1)!);
    const header = encodeFrame(FRAME_KINDS.header, Buffer.from('{"version":1,"epoch":"epoch","base":"1"}'));
    writeFileSync(file, header);
    const anew = await openChangeLog({ dir, logger });
    expect([anew.epoch, anew.position()]).toEqual(['', 0n]);
    await anew.close();
  });

  it('tells a reader that the log was trimmed under it', async () => {
    const log = await openChangeLog({ dir, segmentBytes: 4_096, maxBytes: 8_192, cacheBytes: 100, logger });
    await log.reset('epoch', 1n);
    await fill(log, 1n, 20n);
    const reader = log.read({ kind: 'log', lsn: log.start(), op: 'end' })[Symbol.asyncIterator]();
    expect((await reader.next()).done).toBe(false);
    await fill(log, 21n, 60n);
    const rest = async () => {
      while ((await reader.next()).done !== true);
    };
    await expect(rest()).rejects.toMatchObject({ code: 'offset_trimmed' });
    await log.close();
  });

  it('reads up to the position at the time of the call, from disk and from memory', async () => {
    const log = await openChangeLog({ dir, segmentBytes: 4_096, cacheBytes: 5_000, logger });
    await log.reset('epoch', 1n);
    await fill(log, 1n, 30n);
    for (const after of [1n, 290n]) {
      const reading = log.read({ kind: 'log', lsn: after, op: 'end' });
      const wanted = (await collect(log, after)).map(({ lsn }) => lsn);
      const next = log.position() / 10n + 1n;
      await fill(log, next, next + 5n);
      const lsns: bigint[] = [];
      for await (const { lsn } of reading) lsns.push(lsn);
      expect(lsns).toEqual(wanted);
    }
    await log.close();
  });

  it('invariant 4: leaves nothing of an abandoned transaction that was written already', async () => {
    const twin = new Twin(dir);
    await twin.open();
    await twin.commit(1, 10, 1);
    const large = changesOf(Array.from({ length: 4 }, (_, n) => String(n).repeat(900_000)));
    await twin.log.append({ lsn: 1_000n, xid: 9, changes: large });
    const newest = join(dir, readdirSync(dir).toSorted().at(-1)!);
    expect(statSync(newest).size).toBeGreaterThan(1_000_000);
    twin.log.abandon();
    await twin.commit(2, 10, 1);
    expect(statSync(newest).size).toBeLessThan(10_000);
    await twin.run({ do: 'reopen' });
    expect(await twin.contents()).toEqual(twin.committed);
    await twin.log.close();
  });

  it('invariant 4: leaves nothing of it in a segment that is ended before anything else is written', async () => {
    let nowMs = 1_000_000;
    const clock = { now: () => new Date(nowMs) };
    const options = { dir, maxAgeMs: 80_000, spillBytes: 1_024, logger, clock };
    const log = await openChangeLog(options);
    await log.reset('epoch', 1n);
    await fill(log, 1n, 2n);
    await log.append({ lsn: 1_000n, xid: 7, changes: changesOf(valuesOf(1, 5_000, 'x')) });
    log.abandon();
    nowMs += 20_000;
    await log.sync();
    await fill(log, 3n, 3n);
    await log.close();
    expect(readdirSync(dir)).toHaveLength(2);
    const again = await openChangeLog(options);
    expect([again.epoch, again.position()]).toEqual(['epoch', 30n]);
    await again.close();
  });

  it('makes transactions readable in their order though nobody waits between them', async () => {
    const log = await openChangeLog({ dir, segmentBytes: 4_096, logger });
    await log.reset('epoch', 1n);
    const commits: Promise<void>[] = [];
    const positions: bigint[] = [];
    log.onAdvance(() => positions.push(log.position()));
    for (let n = 1n; n <= 300n; n += 1n) {
      await log.append({ lsn: n * 10n, xid: Number(n), changes: changesOf(valuesOf(2, 50, String(n))) });
      commits.push(log.commit(n * 10n));
      await log.advance(n * 10n + 5n);
      if (n % 70n === 0n) commits.push(log.sync().then(() => {}));
    }
    await Promise.all(commits);
    expect(log.position()).toBe(3_005n);
    expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)));
    expect(positions.length).toBeLessThan(300);
    const wanted = Array.from({ length: 300 }, (_, n) => BigInt(n + 1) * 10n);
    expect((await collect(log, 1n)).map(({ lsn }) => lsn)).toEqual(wanted);
    await log.close();
    const again = await openChangeLog({ dir, logger });
    expect((await collect(again, 1n)).map(({ lsn }) => lsn)).toEqual(wanted);
    await again.close();
  });

  it('invariant 4: writes nothing behind a transaction that could not be written, until it is sent again', async () => {
    const twin = new Twin(dir);
    await twin.open();
    await twin.commit(1, 1, 1);
    const write = vi.spyOn(SegmentWriter.prototype, 'write');
    write.mockRejectedValueOnce(new Error('no space left'));
    const send = async (lsn: bigint) => {
      await twin.log.append({ lsn, xid: 7, changes: changesOf([String(lsn)]) });
      await twin.log.commit(lsn);
    };
    const outcomes = await Promise.allSettled([send(1_000n), send(1_010n), send(1_020n)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await twin.log.advance(2_000n);
    await expect(twin.log.sync()).rejects.toThrow('no space left');
    expect(twin.log.position()).toBe(110n);
    write.mockRestore();
    twin.log.abandon();
    await send(1_000n);
    await send(1_010n);
    expect((await twin.contents()).map(({ lsn }) => lsn)).toEqual([110n, 1_000n, 1_010n]);
    expect(await twin.log.sync()).toBe(1_010n);
    await twin.log.close();
  });

  it('invariant 4: goes on where no further segment could be begun, and is whole after the next start', async () => {
    const options = { dir, segmentBytes: 4_096, logger };
    const log = await openChangeLog(options);
    await log.reset('epoch', 1n);
    const send = async (lsn: bigint) => {
      await log.append({ lsn, xid: 7, changes: changesOf(valuesOf(1, 5_000, String(lsn))) });
      await log.commit(lsn);
    };
    // The disk takes what is written into files that are there, and no new one.
    symlinkSync('/dev/full', join(dir, '00000000000000000050.log'));
    await expect(send(50n)).rejects.toMatchObject({ code: 'ENOSPC' });
    await send(60n);
    expect(await log.sync()).toBe(60n);
    await log.close();
    const again = await openChangeLog(options);
    expect([again.epoch, again.position()]).toEqual(['epoch', 60n]);
    expect((await collect(again, 1n)).map(({ lsn }) => lsn)).toEqual([50n, 60n]);
    await again.close();
  });

  it('keeps a row of a hundred megabytes', async () => {
    const log = await openChangeLog({ dir, logger });
    await log.reset('epoch', 1n);
    const huge = 'x'.repeat(100_000_000);
    await log.append({ lsn: 10n, xid: 1, changes: changesOf(['before', huge, 'behind']) });
    await log.commit(10n);
    await log.close();
    const again = await openChangeLog({ dir, logger });
    const [found] = await collect(again, 1n);
    expect(found?.values.map(({ length }) => length)).toEqual([6, huge.length, 6]);
    await again.close();
  });

  it.each([
    ['a segment is cut short', (paths: string[]) => truncateSync(paths[1]!, 700)],
    ['a byte is wrong', (paths: string[]) => flipByte(paths[1]!, 700)],
    ['a segment is gone', (paths: string[]) => rmSync(paths[1]!)],
  ])('begins anew, at no epoch, when in the middle %s', async (_, harm) => {
    const log = await openChangeLog({ dir, segmentBytes: 2_048, logger });
    await log.reset('epoch', 1n);
    await fill(log, 1n, 10n);
    await log.close();
    harm(
      readdirSync(dir)
        .toSorted()
        .map((name) => join(dir, name)),
    );
    const again = await openChangeLog({ dir, logger });
    expect(again.epoch).toBe('');
    expect(again.position()).toBe(0n);
    await again.close();
  });

  it('wakes those who wait for a position, and lets them give up', async () => {
    const twin = new Twin(dir);
    await twin.open();
    const controller = new AbortController();
    const given = twin.log.whenReached(10_000n, controller.signal);
    const waiting = twin.log.whenReached(110n, new AbortController().signal);
    controller.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    await twin.commit(1, 1, 1);
    await waiting;
    await twin.log.close();
  });
});
