import { percent } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import type { Run } from './run.ts';

/** How far a run is, with its step. */
export function Progress({ run: { progress, step } }: { run: Pick<Run, 'progress' | 'step'> }) {
  return (
    <div>
      <div
        className="bar-track"
        role="progressbar"
        aria-label={t.jobs.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(progress * 100)}
      >
        <div className="bar-fill" style={{ width: `${progress * 100}%` }} />
      </div>
      <span className="muted number">
        {percent(progress)} {step}
      </span>
    </div>
  );
}
