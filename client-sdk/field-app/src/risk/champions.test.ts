import { describe, expect, it } from 'vitest';
import type { Champions } from '@halo/shapes/protocol/predictions.ts';
import { SERIES } from '../quality/testing/series-samples.ts';
import { askChampions, championsText, readChampions, speakerOf } from './champions.ts';

const ANSWER: Champions = { series: [SERIES.promoted, SERIES.kept] };
const AT = Date.parse('2026-11-27T18:00:00Z');
const answering = (answer: unknown) => ({ request: () => Promise.resolve(answer) });
const refusing = { request: () => Promise.reject(new Error('unreachable')) };

describe('what the server says of its models', () => {
  it('is kept with its time, whole', async () => {
    const asked = await askChampions(answering(ANSWER), () => AT);
    expect(asked).toEqual({ at: new Date(AT), answer: ANSWER });
    expect(readChampions(championsText(asked))).toEqual(asked);
  });

  it('is nothing where the server fails or says something else, or what was kept is damaged', async () => {
    await expect(askChampions(refusing, () => AT)).rejects.toThrow('unreachable');
    await expect(askChampions(answering({ series: [{}] }), () => AT)).rejects.toThrow();
    for (const text of [undefined, '{', '{"at":"yesterday"}', '{"at":"2026-11-27T18:00:00Z","answer":{}}']) {
      expect(readChampions(text)).toBeUndefined();
    }
  });
});

it('tells who made a forecast, and that it does not know', () => {
  const { promoted, kept, pinned } = SERIES;
  const of = (series: Champions['series'][number]) =>
    speakerOf({ series: [series] }, series.champion.id, series.placeKind);
  expect([of(promoted), of(kept), of(pinned)]).toEqual([
    { is: 'trained' },
    { is: 'baseline', verdict: 'baseline_kept' },
    { is: 'pinned' },
  ]);
  expect(of(SERIES.fallenBack)).toEqual({ is: 'baseline', verdict: 'unusable' });
  const unknown = { is: 'unknown' };
  expect(speakerOf(ANSWER, promoted.champion.id, 'municipality')).toEqual(unknown);
  expect(speakerOf(ANSWER, 'another', 'cell-9')).toEqual(unknown);
  expect(speakerOf(undefined, promoted.champion.id, 'cell-9')).toEqual(unknown);
});
