import { useLive } from '@halo/client/react';
import type { ReportSaid } from '../report/amend-draft.ts';
import { fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { REPORT_FIELDS, differing, fieldWords } from './differences.ts';
import type { MyReportRow } from './report-item.ts';

const VERSIONS_SQL = `
  SELECT version, type, severity, occurred_at, description, lat, lon, accuracy_m, replaced_at
  FROM my_report_versions WHERE report_id = $1 ORDER BY version DESC`;

type VersionRow = ReportSaid & { readonly version: number; readonly replaced_at: Date };

/** What a report said before, version by version, the newest first; what the next one changed stands out. */
export function ReportVersions({ row }: { row: MyReportRow }) {
  const versions = useLive<VersionRow>(VERSIONS_SQL, [row.id]);
  if (versions === undefined || versions.length === 0) return null;
  return (
    <section className="versions">
      <h3>{t.life.versions}</h3>
      {versions.map((version, index) => {
        const changed = differing(version, versions[index - 1] ?? row);
        return (
          <details key={version.version} className="version" open={index === 0}>
            <summary>{t.life.versionUntil(version.version, fullTime(version.replaced_at))}</summary>
            <dl className="facts">
              {REPORT_FIELDS.map((field) => (
                <div key={field} className={changed.includes(field) ? 'fact fact-changed' : 'fact'}>
                  <dt>{t.queue.fields[field]}</dt>
                  <dd>{fieldWords(field, version)}</dd>
                </div>
              ))}
            </dl>
          </details>
        );
      })}
    </section>
  );
}
