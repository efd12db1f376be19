import { alertListSchema } from '@halo/shapes/protocol/alerts.ts';
import type { AlertAnswer } from '@halo/shapes/protocol/alerts.ts';
import type { z } from 'zod';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { usePages } from '../session/use-pages.ts';
import { duration } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import { PageList } from '../ui/page-list.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { AlertFacts } from './alert-facts.tsx';
import { alertWords } from './alert-words.ts';
import { SEVERITY_TONES } from './severity-tone.ts';
import { Trial } from './trial.tsx';

const EVERY_MS = 5_000;
const PATH = '/api/v1/admin/alerts';

const alertsOf = (page: z.infer<typeof alertListSchema>) => page.alerts;

const COLUMNS: readonly Column<AlertAnswer>[] = [
  {
    key: 'alert',
    head: t.alerts.alert,
    cell: ({ id, name }) => <Link href={pathOf('alerts', id)}>{alertWords(name).title}</Link>,
  },
  { key: 'severity', head: t.alerts.severity, cell: ({ severity }) => <SeverityChip of={severity} /> },
  { key: 'subject', head: t.alerts.subject, cell: ({ subject }) => <code>{subject}</code> },
  { key: 'since', head: t.alerts.since, cell: ({ since }) => <Age at={since} /> },
  { key: 'until', head: t.alerts.until, cell: ({ clearedAt }) => <Age at={clearedAt} /> },
  {
    key: 'lasted',
    head: t.alerts.lasted,
    numeric: true,
    cell: ({ since, clearedAt }) =>
      clearedAt === null ? '–' : duration(Math.max(0, Date.parse(clearedAt) - Date.parse(since))),
  },
];

/** What is wrong now, each with what it means and what to do, and what was. */
export function AlertsPage() {
  const open = usePages(`${PATH}?state=open`, alertListSchema, alertsOf, EVERY_MS);
  const past = usePages(`${PATH}?state=cleared`, alertListSchema, alertsOf, EVERY_MS);
  return (
    <Page title={t.pages.alerts} lead={t.alerts.lead}>
      <Section title={t.alerts.open} lead={t.alerts.openLead} actions={<Trial />}>
        <PageList of={open} empty={<Empty title={t.alerts.noneOpen}>{t.alerts.noneOpenLead}</Empty>}>
          {(alerts) => (
            <ul className="alerts" aria-label={t.alerts.open}>
              {criticalFirst(alerts).map((alert) => (
                <OpenAlert key={alert.id} alert={alert} />
              ))}
            </ul>
          )}
        </PageList>
      </Section>
      <Section title={t.alerts.past} lead={t.alerts.pastLead}>
        <PageList of={past} empty={<Empty title={t.alerts.nonePast} />}>
          {(alerts) => (
            <Table label={t.alerts.table} columns={COLUMNS} rows={alerts} keyOf={({ id }) => id} />
          )}
        </PageList>
      </Section>
    </Page>
  );
}

function OpenAlert({ alert }: { alert: AlertAnswer }) {
  const { id, name, severity } = alert;
  return (
    <li className={`alert alert-${SEVERITY_TONES[severity]}`}>
      <header className="card-head">
        <h3>
          <Link href={pathOf('alerts', id)}>{alertWords(name).title}</Link>
        </h3>
        <SeverityChip of={severity} />
      </header>
      <AlertFacts alert={alert} />
    </li>
  );
}

/** How bad an alert is, in a word. */
export function SeverityChip({ of }: { of: AlertAnswer['severity'] }) {
  return <Chip tone={SEVERITY_TONES[of]}>{t.overview.severities[of]}</Chip>;
}

/** Among equals the newest stays first. */
function criticalFirst(alerts: readonly AlertAnswer[]): AlertAnswer[] {
  return alerts.toSorted((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
}
