import { textOf } from '../sync/rows.ts';
import type { ShapeRow } from '../sync/rows.ts';
import type { Tone } from '../ui/chip.tsx';

/** A run of a job, as the shape `job_runs` has it. */
export interface Run {
  readonly id: string;
  readonly job: string;
  readonly trigger: string;
  readonly requestedBy: string | null;
  readonly state: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly step: string;
  /** 0–1. */
  readonly progress: number;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly errorCode: string | null;
  readonly error: string | null;
}

/** Runs out of rows, the newest first. */
export function runsOf(rows: readonly ShapeRow[]): Run[] {
  return rows.map(runOf).sort((a, b) => b.startedAtMs - a.startedAtMs);
}

function runOf(row: ShapeRow): Run {
  return {
    id: textOf(row['id']),
    job: textOf(row['job']),
    trigger: textOf(row['trigger']),
    requestedBy: row['requested_by'] as string | null,
    state: textOf(row['state']),
    startedAtMs: Number(row['started_at']),
    finishedAtMs: row['finished_at'] as number | null,
    step: textOf(row['step']),
    progress: Number(row['progress']),
    result: row['result'] as Run['result'],
    errorCode: row['error_code'] as string | null,
    error: row['error'] as string | null,
  };
}

const TONES: Readonly<Record<string, Tone>> = {
  running: 'accent',
  succeeded: 'good',
  failed: 'bad',
  abandoned: 'warn',
};

/** How a run's state is to be taken. */
export function runTone(state: string): Tone {
  return TONES[state] ?? 'idle';
}

/** What is to be said of jobs at a glance: the newest run of each that is over decides. */
export function jobsVerdict(runs: readonly Run[]): { readonly tone: Tone; readonly run: Run | undefined } {
  const newest = new Map<string, Run>();
  for (const run of runs) if (run.state !== 'running' && !newest.has(run.job)) newest.set(run.job, run);
  const last = [...newest.values()];
  const wrong =
    last.find(({ state }) => state === 'failed') ?? last.find(({ state }) => state === 'abandoned');
  const running = runs.find(({ state }) => state === 'running');
  if (wrong !== undefined) return { tone: runTone(wrong.state), run: wrong };
  if (running !== undefined) return { tone: 'accent', run: running };
  return { tone: last.length === 0 ? 'idle' : 'good', run: runs[0] };
}
