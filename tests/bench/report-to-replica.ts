import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { registerAccount } from '../support/server.ts';
import { summarise } from './measure.ts';
import type { Summary } from './measure.ts';

const REPORTS = 100;
const WARM_UP = 10;
/** Far enough apart that no report joins another's incident, within one county's reach. */
const STEP_DEGREES = 0.02;
const DEADLINE_MS = 20_000;

/**
 * From the call of `report()` on one device to the incident's row in another device's replica, one report
 * at a time: outbox, POST, transaction, WAL, change log, shape, long poll, PGlite commit, live query.
 */
export async function reportToReplica(url: string, dir: string): Promise<Summary> {
  const writer = await openDevice(url, dir, 'writer');
  const reader = await openDevice(url, dir, 'reader');
  let known = 0;
  let wake = () => {};
  const stop = reader.live<{ n: number }>('SELECT count(*)::int AS n FROM incidents', [], ([row]) => {
    known = row?.n ?? 0;
    wake();
  });
  const reached = async (n: number) => {
    const deadline = performance.now() + DEADLINE_MS;
    while (known < n) {
      if (performance.now() > deadline) throw new Error(`only ${known} of ${n} incidents arrived`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  try {
    const durations: number[] = [];
    for (let n = 0; n < WARM_UP + REPORTS; n += 1) {
      const startedAt = performance.now();
      await writer.report(reportNo(n));
      await reached(n + 1);
      if (n >= WARM_UP) durations.push(performance.now() - startedAt);
    }
    return summarise(durations);
  } finally {
    stop();
    await Promise.all([writer.close(), reader.close()]);
  }
}

async function openDevice(url: string, dir: string, name: string): Promise<Halo> {
  const auth = await registerAccount(url, name);
  const shapes = [{ name: 'incidents', params: { region: '01' } }];
  const halo = await openHalo({ url, store: nodeStore(join(dir, name)), auth, shapes });
  await halo.whenLive();
  return halo;
}

function reportNo(n: number) {
  const lat = 59.2 + STEP_DEGREES * Math.floor(n / 12);
  const lon = 17.9 + STEP_DEGREES * (n % 12);
  return {
    type: 'theft' as const,
    severity: 2,
    occurredAt: new Date().toISOString(),
    description: 'A bicycle was taken',
    location: { lat, lon, accuracyM: 10 },
  };
}
