import { expect, it } from 'vitest';
import type { IncidentsSummary } from '@halo/shapes/protocol/incidents.ts';
import type { MatchAnswer } from '@halo/shapes/protocol/decisions.ts';
import { EXAMPLE_IDS } from '../../server/reports/examples.ts';
import { useTestDatabase } from '../support/database.ts';
import { fillDatabase } from './rest-full-database.ts';
import { startRest } from './rest-support.ts';

it('counts what there is, and an official event that is a reported incident once', async () => {
  const { pool } = await useTestDatabase();
  const rest = await startRest(pool);
  const all = async () => ({
    stats: await rest.get('/api/v1/reports/stats'),
    sources: await rest.get('/api/v1/reports/cross-source-stats'),
    summary: await rest.get<IncidentsSummary>('/api/v1/incidents/stats/summary'),
  });
  expect(await all()).toEqual({
    stats: {
      total_reports: 0,
      verified_incidents: 0,
      unverified_incidents: 0,
      avg_reporters_per_incident: null,
      max_reporters_single_incident: null,
    },
    sources: {
      total_incidents: 0,
      official_only: 0,
      user_only: 0,
      cross_validated: 0,
      validation_rate_percent: null,
    },
    summary: {
      total: 0,
      bySeverity: {},
      byType: {},
      byStatus: {},
      byVerification: {},
      last24Hours: 0,
      last7Days: 0,
      last30Days: 0,
    },
  });

  // Two reporters of one incident, one of another, and an official event of the area that may be the first.
  await fillDatabase(pool, { reporter: rest.people.ada, other: rest.people.bo });
  await pool.query(`UPDATE incidents SET occurred_at = '2026-11-20T00:00:00Z', severity = 4 WHERE id = $1`, [
    EXAMPLE_IDS.otherIncident,
  ]);
  expect(await all()).toEqual({
    stats: {
      total_reports: 4,
      verified_incidents: 1,
      unverified_incidents: 2,
      avg_reporters_per_incident: 1.5,
      max_reporters_single_incident: 2,
    },
    sources: {
      total_incidents: 3,
      official_only: 1,
      user_only: 2,
      cross_validated: 0,
      validation_rate_percent: 0,
    },
    summary: {
      total: 3,
      bySeverity: { 3: 2, 4: 1 },
      byType: { theft: 3 },
      byStatus: { open: 3 },
      byVerification: { corroborated: 1, unverified: 1, verified: 1 },
      last24Hours: 2,
      last7Days: 3,
      last30Days: 3,
    },
  });

  const path = `/api/v1/incidents/${EXAMPLE_IDS.officialEvent}/matches`;
  const before = await rest.get<{ matches: (MatchAnswer & { other: { id: string } })[] }>(path, 'officer');
  expect(before.matches).toMatchObject([
    { state: 'candidate', probability: 0.4, byOfficer: false, other: { id: EXAMPLE_IDS.incident } },
  ]);
  const match = { body: { otherId: EXAMPLE_IDS.incident, state: 'match' } };
  expect((await rest.ask('ada', 'POST', path, match)).status).toBe(403);
  const ruled = await rest.ask('officer', 'POST', path, match);
  expect([ruled.status, ruled.body]).toEqual([
    200,
    expect.objectContaining({ state: 'match', byOfficer: true, decidedBy: rest.people.officer }),
  ]);
  const { stats, sources } = await all();
  expect(stats).toMatchObject({ total_reports: 4, verified_incidents: 1, unverified_incidents: 1 });
  expect(sources).toEqual({
    total_incidents: 2,
    official_only: 0,
    user_only: 1,
    cross_validated: 1,
    validation_rate_percent: 50,
  });
  expect(await rest.get(`/api/v1/incidents/${EXAMPLE_IDS.officialEvent}`)).toMatchObject({
    id: EXAMPLE_IDS.incident,
    verification: 'verified',
    followed: [{ id: EXAMPLE_IDS.officialEvent, because: 'matched' }],
  });
  // What both sources said is there.
  const { reports } = await rest.get<{ reports: { source: string }[] }>(
    `/api/v1/incidents/${EXAMPLE_IDS.incident}/reports`,
  );
  expect(reports.map(({ source }) => source).toSorted()).toEqual(['official', 'user', 'user']);

  const neither = { body: { otherId: EXAMPLE_IDS.otherIncident, state: 'match' } };
  const refused = await rest.ask(
    'officer',
    'POST',
    `/api/v1/incidents/${EXAMPLE_IDS.incident}/matches`,
    neither,
  );
  expect([refused.status, refused.body]).toEqual([404, expect.objectContaining({ code: 'not_found' })]);
});
