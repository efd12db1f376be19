import { describe, expect, it } from 'vitest';
import { jobsVerdict, runsOf } from './run.ts';

const row = (id: string, job: string, state: string, started: number) => ({
  ...{ id, job, state, trigger: 'schedule', requested_by: null, started_at: started, finished_at: null },
  ...{ step: '', progress: 0, result: null, error_code: null, error: null },
});

describe('jobs at a glance', () => {
  it('a job whose newest run failed is wrong, whatever went well before and is under way now', () => {
    const runs = runsOf([
      row('1', 'retrain', 'succeeded', 1),
      row('2', 'retrain', 'failed', 2),
      row('3', 'score', 'running', 3),
    ]);
    expect(runs.map(({ id }) => id)).toEqual(['3', '2', '1']);
    expect(jobsVerdict(runs)).toMatchObject({ tone: 'bad', run: { id: '2' } });
  });

  it('a failure that was made good is over', () => {
    const runs = runsOf([row('1', 'retrain', 'failed', 1), row('2', 'retrain', 'succeeded', 2)]);
    expect(jobsVerdict(runs).tone).toBe('good');
  });

  it('no run is neither good nor bad', () => {
    expect(jobsVerdict([])).toEqual({ tone: 'idle', run: undefined });
  });
});
