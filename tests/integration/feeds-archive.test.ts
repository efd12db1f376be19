import { describe, expect, it } from 'vitest';
import { createGazetteer } from '../../server/areas/gazetteer.ts';
import { seedAreas } from '../../server/areas/seed-areas.ts';
import { eventTime, parsePublishedAt } from '../../server/feeds/polisen/times.ts';
import { readArchive } from '../evaluation/replay/archive.ts';
import { readOutcome, replay } from '../evaluation/replay/replay.ts';
import { useTestDatabase } from '../support/database.ts';
import { readNdjson } from '../support/ndjson.ts';
import { hasSharedData, sharedPath } from '../support/shared-data.ts';

/** Thousands of statements, on a machine that may be busy. */
const TIMEOUT_MS = 240_000;
const DAY_MS = 86_400_000;

describe.skipIf(!hasSharedData('data', 'polisen'))(
  'the archive of the police feed',
  { timeout: TIMEOUT_MS },
  () => {
    // The whole of it is replayed by `npm run replay`.
    it('replayed over New Year, gives the events, versions, withdrawals and incidents that it tells of', async () => {
      const { pool } = await useTestDatabase();
      await seedAreas(pool, createGazetteer());
      const archive = readArchive('2024-12-01', '2025-01-08');
      expect(archive.unusable).toEqual([]);
      expect(archive.withdrawals - archive.gone.size).toBe(2);
      await replay(pool, archive.steps);
      const outcome = await readOutcome(pool);
      expect(outcome).toMatchObject({
        events: archive.events,
        versions: archive.versions,
        gone: archive.gone,
        incidentsAreTheGroups: true,
        aheadOfTheirTime: 0,
      });
      expect(outcome.events).toBeGreaterThan(2_000);
      expect(outcome.versions).toBeGreaterThan(outcome.events);
      expect(outcome.reports).toBeGreaterThan(outcome.incidents);
    });

    it('has no event whose time lies more than a day after its publication, nor one far before', () => {
      const events = readNdjson<{ datetime: string; name: string }>(
        sharedPath('data', 'polisen', 'events-until-2026-03.ndjson.gz'),
      );
      const lags = events.map(({ datetime, name }) => {
        const publishedAt = parsePublishedAt(datetime);
        if (publishedAt === undefined) throw new Error(`${datetime} cannot be read`);
        const at = eventTime(name, publishedAt);
        return at === null ? null : publishedAt.getTime() - at.getTime();
      });
      const known = lags.filter((lag) => lag !== null);
      expect(lags.length - known.length).toBeLessThan(10);
      expect(Math.min(...known)).toBeGreaterThanOrEqual(-DAY_MS);
      // What a year guessed wrongly, or an hour of summer time, would make of them.
      expect(known.filter((lag) => lag > DAY_MS).length).toBeLessThanOrEqual(140);
      expect(known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)]).toBeLessThanOrEqual(45 * 60_000);
    });
  },
);
