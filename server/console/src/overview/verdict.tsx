import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { fullTime } from '../texts/format.ts';
import { language } from '../texts/language.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { verdictTone } from './verdict-tone.ts';

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
            {findings.map(({ code, text, textSv }) => (
              <li key={`${code} ${text}`}>
                <Link href={pageOf(code)}>{language === 'sv' ? textSv : text}</Link>
              </li>
            ))}
          </ul>
        )}
      </div>
      <span className="verdict-age">
        <Age at={at} />
      </span>
    </section>
  );
}

/** Where a finding is told in full. */
function pageOf(code: string): string {
  if (code === 'devices_stalled' || code === 'devices_offline')
    return pathOf('devices', undefined, { state: code.slice('devices_'.length) });
  return pathOf(code.startsWith('feed_') ? 'feeds' : 'replication');
}
