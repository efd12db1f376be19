import { pathOf } from '../routing/routes.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Back } from '../ui/back.tsx';
import { Chip } from '../ui/chip.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { AlertFacts } from './alert-facts.tsx';
import { alertWords } from './alert-words.ts';
import { SeverityChip } from './alerts-page.tsx';
import { useAlert } from './use-alert.ts';

/** One alert, open or over. */
export function AlertPage({ id }: { id: string }) {
  const loaded = useAlert(id);
  const { data } = loaded;
  return (
    <Page
      title={data == null ? t.pages.alerts : alertWords(data.name).title}
      lead={<Back href={pathOf('alerts')}>{t.alerts.back}</Back>}
    >
      <Show of={loaded}>
        {(alert) =>
          alert === null ? (
            <Empty title={t.alerts.gone} />
          ) : (
            <Section
              title={alert.subject}
              actions={
                <span className="chips">
                  <SeverityChip of={alert.severity} />
                  <Chip tone={alert.clearedAt === null ? 'accent' : 'good'}>
                    {wordFor(t.alerts.states, alert.clearedAt === null ? 'open' : 'cleared')}
                  </Chip>
                </span>
              }
            >
              <AlertFacts alert={alert} />
            </Section>
          )
        }
      </Show>
    </Page>
  );
}
