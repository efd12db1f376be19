import { expect, it } from 'vitest';
import { DigestCollector, PredictionDigest, predictionChangesOf } from './prediction-digest.ts';

const message = (lsn: number, op: number, value: object, operation = 'update') => ({
  key: `k${op}`,
  value: { place: `p${op}`, lat: '59.3', lon: '18.1', computed_at: `at ${lsn}`, ...value },
  headers: { operation, lsn: String(lsn), op_position: op },
});
const countyOf = (code: string) => code.slice(0, 2);

function digestsOf(parts: readonly (readonly object[])[]): PredictionDigest[] {
  const told: PredictionDigest[] = [];
  const collector = new DigestCollector((digest) => told.push(digest));
  for (const part of parts)
    for (const change of predictionChangesOf(JSON.stringify(part))) collector.add(change);
  collector.end();
  collector.end();
  return told;
}

it('makes one digest of a run, however its rows are cut, and none of windows that are over', () => {
  const told = digestsOf([
    [message(1, 0, { region: '01' }), message(1, 2, { region: '01' }, 'insert')],
    [message(1, 4, { region: '03' }), message(1, 6, { region: '05' }, 'delete')],
    [
      message(2, 0, { region: '05' }, 'delete'),
      message(3, 0, { region: null }),
      message(4, 0, { region: '12' }),
    ],
  ]);
  expect(told.map(({ computedAt, regions }) => [computedAt, Object.fromEntries(regions)])).toEqual([
    ['at 1', { '01': 2, '03': 1 }],
    ['at 4', { '12': 1 }],
  ]);
});

it('concerns who asked for predictions of its county, or near it', () => {
  const [digest] = digestsOf([[message(1, 0, { region: '01' })]]);
  const kinds = ['predictions' as const];
  const near = { lat: 59.31, lon: 18.11, radiusM: 3_000 };
  const far = { lat: 57.7, lon: 12, radiusM: 3_000 };
  const concerns = (filter: object, each = digest!) => each.concerns({ id: 'a', ...filter }, countyOf);
  expect([concerns({}), concerns({ kinds: ['incident'] })]).toEqual([false, false]);
  expect([concerns({ kinds }), concerns({ kinds, area: '01' }), concerns({ kinds, area: '0180' })]).toEqual([
    true,
    true,
    true,
  ]);
  expect([concerns({ kinds, area: '03' }), concerns({ kinds, circle: far })]).toEqual([false, false]);
  expect([concerns({ kinds, circle: near }), concerns({ kinds, circle: near, area: '03' })]).toEqual([
    true,
    false,
  ]);
  expect(concerns({ kinds, circle: far }, PredictionDigest.unknown)).toBe(true);
});
