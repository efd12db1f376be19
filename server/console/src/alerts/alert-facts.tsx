import type { AlertAnswer } from '@halo/shapes/protocol/alerts.ts';
import { Link } from '../routing/navigation.tsx';
import { duration } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Facts } from '../ui/facts.tsx';
import { alertWords, isAddress, seenOn } from './alert-words.ts';

/** What is known of an alert: what was seen, what it means, since when, and what to do. */
export function AlertFacts({ alert }: { alert: AlertAnswer }) {
  const { name, subject, instance, what, since, clearedAt, raisedAt, toldAt, runbook } = alert;
  const { means } = alertWords(name);
  const seen = seenOn(name);
  const ended =
    clearedAt === null
      ? []
      : ([
          [t.alerts.until, <Age at={clearedAt} />],
          [t.alerts.lasted, duration(Math.max(0, Date.parse(clearedAt) - Date.parse(since)))],
        ] as const);
  return (
    <>
      <p className="alert-what">{what}</p>
      {means !== '' && (
        <p>
          <strong>{t.alerts.means}.</strong> {means}
        </p>
      )}
      <p className="alert-runbook">
        <strong>{t.alerts.runbook}.</strong> {t.alerts.inRunbook} <Runbook place={runbook} />
      </p>
      <Facts
        of={[
          [t.alerts.since, <Age at={since} />],
          ...ended,
          [t.alerts.subject, <code>{subject}</code>],
          [t.alerts.instance, <code>{instance}</code>],
          [t.alerts.raised, <Age at={raisedAt} />],
          [t.alerts.told, toldAt === null ? t.alerts.notTold : <Age at={toldAt} />],
          ...(seen === undefined
            ? []
            : ([[t.alerts.see, <Link href={seen.href}>{t.pages[seen.page]}</Link>]] as const)),
        ]}
      />
    </>
  );
}

/** The section of the runbook: a link where it is an address, else where to find it. */
function Runbook({ place }: { place: string }) {
  if (isAddress(place))
    return (
      <a href={place} target="_blank" rel="noreferrer">
        {place}
      </a>
    );
  return <code>{place}</code>;
}
