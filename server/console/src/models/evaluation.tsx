import type { EvaluationAnswer } from '@halo/shapes/protocol/predictions.ts';
import { IntervalChart, intervalText } from '../charts/interval-chart.tsx';
import type { Interval, IntervalSeries } from '../charts/interval-chart.tsx';
import { ReliabilityChart } from '../charts/reliability-chart.tsx';
import { t, wordFor } from '../texts/texts.ts';
import { Section } from '../ui/page.tsx';
import { Table } from '../ui/table.tsx';

/** Colours of rivals, beside the model's own. */
const RIVAL_COLOURS = [2, 4, 5, 3];

type Scores = EvaluationAnswer['model'];

/** How a model did in its test, beside the baseline and other rivals. */
export function Evaluation({ evaluation }: { evaluation: EvaluationAnswer }) {
  const { model, origins, incidents, places, reliability } = evaluation;
  const shares = Object.keys(model.pai).sort((a, b) => Number(a) - Number(b));
  const groups = shares.map((share) => t.models.area(share));
  return (
    <>
      <Section title={t.models.evaluation} lead={t.models.evaluationLead(origins, incidents, places)}>
        <Measures evaluation={evaluation} />
      </Section>
      <div className="columns">
        <Section title={t.models.pai} lead={t.models.paiLead}>
          <IntervalChart
            title={t.models.pai}
            groups={groups}
            series={seriesOf(evaluation, ({ pai }) => shares.map((share) => pai[share]))}
          />
        </Section>
        <Section title={t.models.pei}>
          <IntervalChart
            title={t.models.pei}
            groups={groups}
            series={seriesOf(evaluation, ({ pei }) => shares.map((share) => pei[share]))}
          />
        </Section>
        {reliability.length > 0 && (
          <Section title={t.models.reliability} lead={t.models.reliabilityLead}>
            <ReliabilityChart title={t.models.reliability} points={reliability} />
          </Section>
        )}
      </div>
      <Differences evaluation={evaluation} shares={shares} />
    </>
  );
}

function seriesOf(
  { model, rivals }: EvaluationAnswer,
  of: (scores: Scores) => readonly (Interval | undefined)[],
): IntervalSeries[] {
  return [
    { name: t.models.model, colour: 1, intervals: of(model) },
    ...Object.entries(rivals).map(([rival, scores], n) => ({
      name: wordFor(t.models.rivals, rival),
      colour: RIVAL_COLOURS[n % RIVAL_COLOURS.length] ?? 4,
      intervals: of(scores),
    })),
  ];
}

function Measures({ evaluation: { model, rivals } }: { evaluation: EvaluationAnswer }) {
  const names = Object.keys(rivals);
  const rows = [
    { name: t.models.deviance, of: ({ deviance }: Scores) => deviance },
    { name: t.models.brier, of: ({ brier }: Scores) => brier },
  ];
  return (
    <Table
      label={t.models.evaluation}
      columns={[
        {
          key: 'measure',
          head: t.models.measure,
          cell: ({ name }) => (
            <>
              {name} <span className="muted">({t.models.lowerBetter})</span>
            </>
          ),
        },
        { key: 'model', head: t.models.model, numeric: true, cell: ({ of }) => intervalText(of(model)) },
        ...names.map((rival) => ({
          key: rival,
          head: wordFor(t.models.rivals, rival),
          numeric: true,
          cell: ({ of }: (typeof rows)[number]) => {
            const scores = rivals[rival];
            return scores === undefined ? '–' : intervalText(of(scores));
          },
        })),
      ]}
      rows={rows}
      keyOf={({ name }) => name}
    />
  );
}

function Differences({ evaluation, shares }: { evaluation: EvaluationAnswer; shares: readonly string[] }) {
  const { differences } = evaluation;
  if (differences.length === 0) return null;
  return (
    <Section title={t.models.difference} lead={t.models.differenceLead}>
      <Table
        label={t.models.difference}
        columns={[
          { key: 'rival', head: t.models.rival, cell: ({ rival }) => wordFor(t.models.rivals, rival) },
          ...shares.map((share) => ({
            key: share,
            head: t.models.area(share),
            numeric: true,
            cell: ({ pai }: (typeof differences)[number]) => {
              const interval = pai[share];
              return interval === undefined ? '–' : intervalText(interval);
            },
          })),
          {
            key: 'deviance',
            head: t.models.deviance,
            numeric: true,
            cell: ({ deviance }) => intervalText(deviance),
          },
        ]}
        rows={differences}
        keyOf={({ rival }) => rival}
      />
    </Section>
  );
}
