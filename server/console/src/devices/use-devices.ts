import { useEffect, useMemo, useState } from 'react';
import type { Dispatch, SetStateAction } from 'react';
import { deviceListSchema } from '@halo/shapes/protocol/inspector-devices.ts';
import type { DeviceList } from '@halo/shapes/protocol/inspector-devices.ts';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import { asApiError } from '../session/api-error.ts';
import type { ApiError } from '../session/api-error.ts';
import { useParts } from '../session/session-context.tsx';
import type { Session } from '../session/session.ts';
import { askJson } from '../session/use-api.ts';
import { withCursor } from '../session/use-pages.ts';
import { textOf } from '../sync/rows.ts';
import type { ShapeRow } from '../sync/rows.ts';
import type { Followed } from '../sync/follower.ts';
import { useShape } from '../sync/use-shape.ts';
import { JUDGED_OFTEN, deviceRow, toldRow, withJudged, withLive } from './device-row.ts';
import type { DeviceRow } from './device-row.ts';

/** Devices that are asked for at most: more than a person looks through. */
const MAX_DEVICES = 20_000;
/** Devices of one page: the most that the server gives. */
const PAGE_DEVICES = 200;
/** Those that need a look are asked for this often. */
const JUDGE_EVERY_MS = 10_000;
/** All are asked for again no sooner than after this, and than ten times what asking took. */
const READ_EVERY_MS = 120_000;
const REST_FACTOR = 10;
/** How often a rest is looked at whether it is over. */
const LOOK_EVERY_MS = 500;
const DEVICES = `${INSPECTOR_PREFIX}/devices`;

/** All devices, as far as they are known. */
export interface Devices {
  readonly rows: readonly DeviceRow[] | undefined;
  readonly counts: DeviceList['counts'] | undefined;
  /** How many the server has told about, while all are asked for the first time. */
  readonly reading: number | undefined;
  readonly truncated: boolean;
  readonly error: ApiError | undefined;
  /** Whether what devices tell comes by itself. */
  readonly followed: Followed;
  readonly reload: () => void;
}

interface Read {
  readonly rows: ReadonlyMap<string, DeviceRow>;
  readonly counts: DeviceList['counts'];
  readonly truncated: boolean;
  readonly isWhole: boolean;
}

/**
 * Every device: at once and live what they tell of themselves, by the shape `devices`; and over it who they are and how
 * they fare, which only the server judges. That is asked for page by page, and again now and then.
 */
export function useDevices(): Devices {
  const { session } = useParts();
  const followed = useShape('devices');
  const [read, setRead] = useState<Read>();
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    const ended = new AbortController();
    const look = { session, signal: ended.signal, setRead };
    const run = async () => {
      let restMs = 0;
      let restedMs = 0;
      while (!ended.signal.aborted) {
        const beganMs = performance.now();
        const isDue = restedMs >= restMs;
        try {
          await (isDue ? readAll(look) : readJudged(look));
          setError(undefined);
        } catch (thrown) {
          if (ended.signal.aborted) return;
          setError(asApiError(thrown));
          [restMs, restedMs] = [0, await restFor(JUDGE_EVERY_MS, ended.signal)];
          continue;
        }
        const tookMs = performance.now() - beganMs;
        if (isDue) [restMs, restedMs] = [Math.max(READ_EVERY_MS, REST_FACTOR * tookMs), 0];
        restedMs += await restFor(Math.max(JUDGE_EVERY_MS, REST_FACTOR * (isDue ? 0 : tookMs)), ended.signal);
      }
    };
    void run();
    return () => ended.abort();
  }, [session, round]);
  const rows = useMemo(() => merged(read?.rows, followed.rows), [read?.rows, followed.rows]);
  const isReading = read === undefined ? error === undefined : !read.isWhole && error === undefined;
  return {
    rows: read === undefined && followed.at === 'loading' ? undefined : rows,
    counts: read?.counts,
    reading: isReading ? (read?.rows.size ?? 0) : undefined,
    truncated: read?.isWhole === true && read.truncated,
    error,
    followed,
    reload: () => setRound(round + 1),
  };
}

function merged(read: Read['rows'] | undefined, told: readonly ShapeRow[]): DeviceRow[] {
  const rows = new Map(read);
  for (const row of told) {
    const id = textOf(row['id']);
    const known = rows.get(id);
    rows.set(id, known === undefined ? toldRow(row) : withLive(known, row));
  }
  return [...rows.values()];
}

interface Look {
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly setRead: Dispatch<SetStateAction<Read | undefined>>;
}

/** Asks for all devices. The first time each page is shown as it comes; later ones take the former's place together. */
async function readAll({ session, signal, setRead }: Look): Promise<void> {
  const rows = new Map<string, DeviceRow>();
  let cursor: string | null = null;
  do {
    const path = withCursor(DEVICES, cursor, PAGE_DEVICES);
    const page: DeviceList = await askJson(session, path, deviceListSchema, { signal });
    for (const device of page.devices) rows.set(device.id, deviceRow(device));
    cursor = rows.size >= MAX_DEVICES ? null : page.nextCursor;
    const truncated = page.truncated || page.nextCursor !== null;
    const next = { rows: new Map(rows), counts: page.counts, truncated, isWhole: cursor === null };
    setRead((last) => (last?.isWhole === true && !next.isWhole ? last : next));
  } while (cursor !== null);
}

/** Asks for those that need a look. */
async function readJudged({ session, signal, setRead }: Look): Promise<void> {
  const pages: DeviceList[] = [];
  for (const state of JUDGED_OFTEN) {
    const path = withCursor(`${DEVICES}?state=${state}`, null, PAGE_DEVICES);
    pages.push(await askJson(session, path, deviceListSchema, { signal }));
  }
  const judged = pages.flatMap(({ devices }) => devices.map(deviceRow));
  // Where there are more than a page of them, who is not among them may be among the others.
  const isAll = pages.every(({ nextCursor }) => nextCursor === null);
  setRead((last) => {
    if (last === undefined) return last;
    const rows = isAll ? withJudged(last.rows, judged) : new Map([...last.rows, ...byId(judged)]);
    return { ...last, rows, counts: pages.at(-1)?.counts ?? last.counts };
  });
}

const byId = (rows: readonly DeviceRow[]) => rows.map((row) => [row.id, row] as const);

/** Waits, and as long as the page is out of sight; resolves with how long. */
async function restFor(ms: number, signal: AbortSignal): Promise<number> {
  const beganMs = performance.now();
  for (;;) {
    const restedMs = performance.now() - beganMs;
    if (signal.aborted || (restedMs >= ms && document.visibilityState === 'visible')) return restedMs;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
