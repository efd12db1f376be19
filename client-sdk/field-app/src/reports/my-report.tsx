import { SeverityBadge } from '../incidents/incident-list.tsx';
import { RefusedEntry } from '../queue/refused-entry.tsx';
import { hashOf } from '../shell/route.ts';
import { fullTime, timeAgo } from '../texts/format.ts';
import { typeName } from '../texts/texts.ts';
import type { ReportItem } from './report-item.ts';
import { StageLine } from './stage-line.tsx';

/** One report of one's own, with what became of it; a press on it opens all of it. */
export function MyReport({
  item,
  place,
  nowMs,
}: {
  item: ReportItem;
  place: string | undefined;
  nowMs: number;
}) {
  const { id, type, severity, occurredAt, description, stage, refused } = item;
  return (
    <article className="card card-opens" data-report={id} data-state={stage}>
      {severity !== undefined && <SeverityBadge severity={severity} />}
      <div className="card-main">
        <div className="card-head">
          <h2 className="card-title">
            <a className="card-link" href={hashOf('mine', { report: id })}>
              {typeName(type)}
            </a>
          </h2>
          {occurredAt !== undefined && (
            <time className="card-time" dateTime={occurredAt.toISOString()} title={fullTime(occurredAt)}>
              {timeAgo(occurredAt, nowMs)}
            </time>
          )}
        </div>
        {place !== undefined && <p className="card-place">{place}</p>}
        {description !== '' && <p className="card-text">{description}</p>}
        <StageLine item={item} />
        {refused !== undefined && <RefusedEntry entry={refused} />}
      </div>
    </article>
  );
}
