import { describe, expect, it } from 'vitest';
import { asleepMs, FIELD_DUTY, isAwake, nextWake } from './duty.ts';
import { Histogram } from './histogram.ts';
import { readOptions, stepsOf } from './options.ts';
import { brokenBy, Tally } from './step.ts';
import type { Step, Usage } from './step.ts';
import { tableOf } from './table.ts';

/** Numbers that look random and are the same each time. */
function numbers(): () => number {
  let state = 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const IDLE: Usage = {
  serverRssMib: 200,
  serverCores: 0.5,
  postgresCores: 0.3,
  driverCores: 0.2,
  serverLoopMs: 12,
  driverLoopMs: NaN,
};

function stepWith(change: (tally: Tally) => void, usage: Usage = IDLE): Step {
  const tally = new Tally();
  tally.requests = 1_000;
  change(tally);
  return { devices: 100, awake: 33.4, seconds: 10, tally, usage };
}

describe('the histogram', () => {
  it('gives percentiles to a twentieth, whatever their size', () => {
    for (const scale of [1, 100, 10_000]) {
      const histogram = new Histogram();
      for (let n = 1; n <= 1_000; n += 1) histogram.add((n / 1_000) * scale);
      expect(histogram.count).toBe(1_000);
      for (const share of [0.5, 0.95, 0.99]) {
        const found = histogram.percentile(share) / (share * scale);
        expect(found).toBeGreaterThanOrEqual(0.999);
        expect(found).toBeLessThan(1.051);
      }
    }
  });

  it('holds what is beyond its ends, and says nothing of nothing', () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.5)).toBeNaN();
    for (const ms of [-3, 0, 1e12]) histogram.add(ms);
    expect(histogram.percentile(0.5)).toBeCloseTo(0.1);
    expect(histogram.percentile(1)).toBeGreaterThan(600_000);
  });
});

describe('duty', () => {
  it('keeps its means and probabilities', () => {
    const random = numbers();
    const wakes = Array.from({ length: 20_000 }, () => nextWake(FIELD_DUTY, random));
    const share = (holds: (wake: (typeof wakes)[number]) => boolean) =>
      wakes.filter(holds).length / wakes.length;
    const meanS = wakes.reduce((sum, { awakeMs }) => sum + awakeMs, 0) / wakes.length / 1_000;
    expect(meanS).toBeGreaterThan(28);
    expect(meanS).toBeLessThan(32);
    expect(share(({ reportAtMs }) => reportAtMs !== undefined)).toBeCloseTo(FIELD_DUTY.reports, 1);
    expect(share(({ queued }) => queued > 0)).toBeCloseTo(FIELD_DUTY.queued, 1);
    expect(share(({ flapAtMs }) => flapAtMs !== undefined)).toBeCloseTo(FIELD_DUTY.flaps, 1);
    for (const { awakeMs, reportAtMs = 0, flapAtMs = 0 } of wakes)
      expect(Math.max(reportAtMs, flapAtMs)).toBeLessThanOrEqual(awakeMs);
    const awake = Array.from({ length: 20_000 }, () => isAwake(FIELD_DUTY, random)).filter(Boolean).length;
    expect(awake / 20_000).toBeCloseTo(1 / 3, 1);
  });

  it('has an end to each sleep', () => {
    expect(asleepMs(FIELD_DUTY, () => 1 - Number.EPSILON)).toBe(5 * FIELD_DUTY.asleepS * 1_000);
  });
});

describe('a step', () => {
  it('breaks no limit while all is well', () => {
    const fine = stepWith((tally) => {
      for (let n = 0; n < 100; n += 1) tally.delivery.add(50);
      tally.post.add(1_500);
      tally.sentAway = 10;
      tally.fail('500');
    });
    expect(brokenBy(fine, 2)).toEqual([]);
  });

  it('names each limit that it breaks', () => {
    const broken = stepWith(
      (tally) => {
        tally.delivery.add(3_000);
        tally.post.add(4_000);
        tally.sentAway = 11;
        tally.fail('500');
        tally.fail('cut');
      },
      { ...IDLE, serverCores: 1.9 },
    );
    expect(brokenBy(broken, 2)).toEqual([
      expect.stringMatching(/^p99 of delivery is 3\.\d s$/),
      expect.stringMatching(/^p99 of POST is 4\.\d s$/),
      '0.2 % of the requests failed',
      '1.1 % were told to come later',
      '120.0 % of all cores are busy',
    ]);
  });

  it('is not judged by what could not be measured', () => {
    expect(
      brokenBy(
        stepWith(() => {}, { ...IDLE, serverCores: NaN }),
        2,
      ),
    ).toEqual([]);
  });

  it('is a line of the table', () => {
    const lines = tableOf([stepWith((tally) => tally.fail('500'))]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain('| 100 | 33 | 100 | 0.0 | –/–/– |');
    expect(lines[2]).toContain('| 500: 1 | 200 | 0.50 | 0.30 | 0.20 | 12/– |');
  });
});

describe('the options', () => {
  it('have defaults, and a step for each further crowd', () => {
    expect(readOptions([])).toEqual({
      devices: 5_000,
      ramp: 500,
      minutes: 0.75,
      goOn: false,
      url: undefined,
    });
    expect(stepsOf({ devices: 1_100, ramp: 500 })).toEqual([500, 1_000, 1_100]);
    expect(readOptions(['--url', 'http://127.0.0.1:3000', '--devices', '20'])).toMatchObject({ devices: 20 });
    expect(readOptions(['--go-on'])).toMatchObject({ goOn: true });
  });

  it.each([
    ['--devices', '0'],
    ['--devices', '1.5'],
    ['--minutes', 'x'],
    ['--ramp', ''],
    ['--url', 'halo'],
    ['--speed', '1'],
  ])('refuse %s %s', (...args) => expect(readOptions(args)).toBeUndefined());
});
