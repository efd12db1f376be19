import { useState } from 'react';
import { triggeredSchema } from '@halo/shapes/protocol/predictions.ts';
import { Link, goTo, useChoice } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useParts } from '../session/session-context.tsx';
import { askJson } from '../session/use-api.ts';
import { useShape } from '../sync/use-shape.ts';
import { duration } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import { Confirmed } from '../ui/dialog.tsx';
import { SelectFilter, optionsOf } from '../ui/filters.tsx';
import { Page } from '../ui/page.tsx';
import { Empty, ShowShape } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { Progress } from './progress.tsx';
import { runTone, runsOf } from './run.ts';
import type { Run } from './run.ts';

/** Runs shown at once: those before are in the API. */
const MAX_RUNS = 200;

const COLUMNS: readonly Column<Run>[] = [
  {
    key: 'job',
    head: t.jobs.job,
    cell: (run) => <Link href={pathOf('jobs', run.id)}>{wordFor(t.jobs.jobNames, run.job)}</Link>,
  },
  {
    key: 'state',
    head: t.jobs.state,
    cell: ({ state }) => <Chip tone={runTone(state)}>{wordFor(t.jobs.states, state)}</Chip>,
  },
  { key: 'trigger', head: t.jobs.trigger, cell: ({ trigger }) => wordFor(t.jobs.triggers, trigger) },
  { key: 'started', head: t.jobs.started, cell: ({ startedAtMs }) => <Age at={startedAtMs} /> },
  {
    key: 'took',
    head: t.jobs.took,
    numeric: true,
    cell: ({ startedAtMs, finishedAtMs }) =>
      finishedAtMs === null ? <span className="none">–</span> : duration(finishedAtMs - startedAtMs),
  },
  {
    key: 'step',
    head: t.jobs.step,
    cell: (run) =>
      run.state === 'running' ? <Progress run={run} /> : (run.error ?? (run.step === '' ? '–' : run.step)),
  },
];

/** Runs of retraining and scoring, and a way to begin one. */
export function JobsPage() {
  const followed = useShape('job_runs');
  const [job, setJob] = useChoice('job');
  const [state, setState] = useChoice('state');
  return (
    <Page title={t.pages.jobs} lead={t.jobs.lead} actions={<Retrain />}>
      <div className="filters">
        <SelectFilter label={t.jobs.job} value={job} options={optionsOf(t.jobs.jobNames)} onChange={setJob} />
        <SelectFilter
          label={t.jobs.state}
          value={state}
          options={optionsOf(t.jobs.states)}
          onChange={setState}
        />
      </div>
      <div className="card">
        <ShowShape of={followed}>
          {(rows) => {
            const all = runsOf(rows);
            const runs = all
              .filter(
                (run) =>
                  (job === undefined || run.job === job) && (state === undefined || run.state === state),
              )
              .slice(0, MAX_RUNS);
            if (all.length === 0) return <Empty title={t.jobs.none}>{t.jobs.noneLead}</Empty>;
            if (runs.length === 0) return <Empty title={t.jobs.noMatch} />;
            return <Table label={t.jobs.table} columns={COLUMNS} rows={runs} keyOf={({ id }) => id} />;
          }}
        </ShowShape>
      </div>
    </Page>
  );
}

function Retrain() {
  const { session } = useParts();
  const [isOpen, setOpen] = useState(false);
  const begin = async () => {
    const path = '/api/v1/admin/retrain/trigger';
    const { runId } = await askJson(session, path, triggeredSchema, { method: 'POST' });
    goTo(pathOf('jobs', runId));
  };
  return (
    <Confirmed
      label={t.jobs.retrain}
      title={t.jobs.retrainTitle}
      lead={t.jobs.retrainBody}
      yes={t.jobs.begin}
      open={isOpen}
      onOpen={setOpen}
      action={begin}
    />
  );
}
