import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useHalo, useLive, useStatus } from '@halo/client/react';
import { joinMadeSchema, splitMadeSchema } from '@halo/shapes/protocol/decisions.ts';
import { useAreas } from '../region/areas.ts';
import { distance, fullTime } from '../texts/format.ts';
import { t, typeName } from '../texts/texts.ts';
import { metresFrom } from './filters.ts';
import { HandForm } from './hand-form.tsx';
import type { Choice } from './hand-form.tsx';
import type { IncidentRow } from './incident.ts';
import { placeName } from './incident.ts';

const words = t.incidentsView;

/** What may be the same: within this distance, and these hours before and after. */
const NEAR_M = 2_000;
const NEAR_HOURS = 48;
const MAX_NEAR = 20;
const COLUMNS = 'id, type, occurred_at, region, municipality, district, location_precision';
const NEAR_SQL = `SELECT ${COLUMNS}, distance_m FROM (
    SELECT ${COLUMNS}, ${metresFrom('$2', '$3')} AS distance_m FROM incidents
    WHERE id <> $1 AND status <> 'merged' AND merged_into IS NULL AND matched_to IS NULL AND report_count > 0
      AND location_precision = 'point'
      AND occurred_at BETWEEN $4::timestamptz - interval '${NEAR_HOURS} hours' AND $4::timestamptz + interval '${NEAR_HOURS} hours') near
  WHERE distance_m <= ${NEAR_M} ORDER BY distance_m, id LIMIT ${MAX_NEAR}`;

type NearRow = Pick<
  IncidentRow,
  'id' | 'type' | 'occurred_at' | 'region' | 'municipality' | 'district' | 'location_precision'
> & { readonly distance_m: number };

/** For officers: parts reports that are about something else from an incident, and joins it with others. For good, and online. */
export function HandGroups({
  incident,
  reports,
  onSelect,
}: {
  incident: IncidentRow;
  reports: readonly Choice[];
  onSelect: (id: string) => void;
}) {
  const [open, setOpen] = useState<'part' | 'join'>();
  const isOffline = useStatus().network === 'offline';
  if (incident.merged_into !== null || incident.report_count === 0) return null;
  if (open === 'part')
    return <Part incidentId={incident.id} reports={reports} onBack={() => setOpen(undefined)} />;
  if (open === 'join')
    return <Join incident={incident} onSelect={onSelect} onBack={() => setOpen(undefined)} />;
  return (
    <>
      {isOffline && <p className="field-hint">{words.handNeedsNetwork}</p>}
      <div className="details-buttons">
        {reports.length > 1 && (
          <Opener isOffline={isOffline} onClick={() => setOpen('part')}>
            {words.part}
          </Opener>
        )}
        {incident.location_precision === 'point' && (
          <Opener isOffline={isOffline} onClick={() => setOpen('join')}>
            {words.join}
          </Opener>
        )}
      </div>
    </>
  );
}

function Opener({
  isOffline,
  onClick,
  children,
}: {
  isOffline: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className="button button-small button-quiet"
      aria-disabled={isOffline}
      onClick={() => {
        if (!isOffline) onClick();
      }}
    >
      {children}
    </button>
  );
}

function Part({
  incidentId,
  reports,
  onBack,
}: {
  incidentId: string;
  reports: readonly Choice[];
  onBack: () => void;
}) {
  const halo = useHalo();
  const part = async (reportIds: readonly string[]) => {
    splitMadeSchema.parse(await halo.request('POST', `/api/v1/incidents/${incidentId}/split`, { reportIds }));
  };
  return (
    <HandForm
      title={words.part}
      lead={words.partLead}
      choices={reports}
      most={reports.length - 1}
      tooMany={words.partKeepsOne}
      act={words.partDo}
      onAct={part}
      onBack={onBack}
    />
  );
}

function Join({
  incident,
  onSelect,
  onBack,
}: {
  incident: IncidentRow;
  onSelect: (id: string) => void;
  onBack: () => void;
}) {
  const halo = useHalo();
  const areas = useAreas();
  const { id, lat, lon, occurred_at } = incident;
  const params = useMemo(() => [id, lat, lon, occurred_at.toISOString()], [id, lat, lon, occurred_at]);
  const near = useLive<NearRow>(NEAR_SQL, params);
  const choices = near?.map((row) => ({
    id: row.id,
    label: [
      typeName(row.type),
      placeName(row, areas),
      words.away(distance(row.distance_m)),
      fullTime(row.occurred_at),
    ].join(' · '),
  }));
  const join = async (incidentIds: readonly string[]) => {
    const answer = await halo.request('POST', `/api/v1/incidents/${id}/join`, { incidentIds });
    const { incidentId } = joinMadeSchema.parse(answer);
    if (incidentId !== id) onSelect(incidentId);
  };
  return (
    <HandForm
      title={words.join}
      lead={choices?.length === 0 ? words.joinNone : words.joinLead}
      choices={choices ?? []}
      most={MAX_NEAR}
      tooMany=""
      act={words.joinDo}
      onAct={join}
      onBack={onBack}
    />
  );
}
