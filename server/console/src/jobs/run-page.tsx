import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useShape } from '../sync/use-shape.ts';
import { duration } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Back } from '../ui/back.tsx';
import { Chip } from '../ui/chip.tsx';
import { Id } from '../ui/copy.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, ShowShape } from '../ui/states.tsx';
import { Progress } from './progress.tsx';
import { runTone, runsOf } from './run.ts';
import type { Run } from './run.ts';

/** One run, live while it goes on. */
export function RunPage({ id }: { id: string }) {
  const followed = useShape('job_runs');
  const run = runsOf(followed.rows).find((each) => each.id === id);
  return (
    <Page
      title={run === undefined ? t.pages.jobs : t.jobs.title(wordFor(t.jobs.jobNames, run.job))}
      lead={<Back href={pathOf('jobs')}>{t.jobs.back}</Back>}
    >
      <ShowShape of={followed}>
        {() => (run === undefined ? <Empty title={t.jobs.gone} /> : <RunParts run={run} />)}
      </ShowShape>
    </Page>
  );
}

function RunParts({ run }: { run: Run }) {
  const { state, startedAtMs, finishedAtMs, trigger, requestedBy, error, errorCode, result } = run;
  const by =
    requestedBy === null ? (
      wordFor(t.jobs.triggers, trigger)
    ) : (
      <Link href={pathOf('users', requestedBy)}>
        <Id of={requestedBy} />
      </Link>
    );
  return (
    <>
      <div className="card">
        <Facts
          of={[
            [t.jobs.state, <Chip tone={runTone(state)}>{wordFor(t.jobs.states, state)}</Chip>],
            [t.jobs.started, <Age at={startedAtMs} />],
            [t.jobs.took, finishedAtMs === null ? t.jobs.running : duration(finishedAtMs - startedAtMs)],
            [t.jobs.trigger, by],
          ]}
        />
        {state === 'running' && <Progress run={run} />}
      </div>
      {error !== null && (
        <Section title={t.jobs.error}>
          <p className="note note-bad">
            {error} <code>({errorCode})</code>
          </p>
        </Section>
      )}
      <Section title={t.jobs.result}>
        {result === null ? (
          <Empty title={t.jobs.noResult} />
        ) : (
          <pre className="data" tabIndex={0}>
            {JSON.stringify(result, null, 2)}
          </pre>
        )}
      </Section>
    </>
  );
}
