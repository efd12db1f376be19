import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { fullTime } from '../texts/format.ts';
import { language } from '../texts/language.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { Chip } from '../ui/chip.tsx';
import { SEVERITY_TONES } from '../alerts/severity-tone.ts';
import { verdictTone } from './verdict-tone.ts';

/** Findings that are listed; open alerts have a page of their own. */
const MAX_LISTED = 12;

type Finding = Overview['findings'][number];

/** Is anything wrong, since when, and where to see for whom. */
export function Verdict({ overview: { verdict, since, findings, at } }: { overview: Overview }) {
  const tone = verdictTone(verdict);
  return (
    <section className={`verdict verdict-${tone}`} aria-labelledby="verdict">
      <Icon name={tone === 'good' ? 'check' : 'alert'} size={26} />
      <div role="status">
        <h2 id="verdict">{wordFor(t.overview.verdicts, verdict)}</h2>
        {since !== null && (
          <p>
            {t.overview.sinceAt(fullTime(Date.parse(since)))} (<Age at={since} />)
          </p>
        )}
        {findings.length === 0 ? (
          <p>{verdict === 'well' ? t.overview.wellLead : null}</p>
        ) : (
          <ul>
            {findings.slice(0, MAX_LISTED).map((finding) => (
              <FindingLine key={`${finding.alertId} ${finding.code} ${finding.text}`} finding={finding} />
            ))}
            {findings.length > MAX_LISTED && (
              <li>
                <Link href={pathOf('alerts')}>{t.overview.moreFindings(findings.length - MAX_LISTED)}</Link>
              </li>
            )}
          </ul>
        )}
      </div>
      <span className="verdict-age">
        <Age at={at} />
      </span>
    </section>
  );
}

function FindingLine({ finding }: { finding: Finding }) {
  const { severity, text, textSv } = finding;
  return (
    <li className={severity === 'note' ? 'note-only' : undefined}>
      <Chip tone={SEVERITY_TONES[severity]}>{t.overview.severities[severity]}</Chip>
      <Link href={pageOf(finding)}>{language === 'sv' ? textSv : text}</Link>
    </li>
  );
}

/** Where a finding is told in full. */
function pageOf({ code, alertId }: Finding): string {
  if (alertId !== null) return pathOf('alerts', alertId);
  if (code === 'alerts_untold') return pathOf('alerts');
  if (code === 'devices_stalled' || code === 'devices_offline')
    return pathOf('devices', undefined, { state: code.slice('devices_'.length) });
  return pathOf(code.startsWith('feed_') ? 'feeds' : 'replication');
}
