import { useCallback, useMemo, useState } from 'react';
import { useStatus } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { MapPane } from '../map/map-pane.tsx';
import { goTo } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import { Skeletons } from '../ui/skeletons.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { WIDE, useMedia } from '../ui/use-media.ts';
import { useNow } from '../ui/use-now.ts';
import { PERIODS, useIncidents, withinPeriod } from './incident.ts';
import type { IncidentRow, Period } from './incident.ts';
import { IncidentDetails } from './incident-details.tsx';
import { IncidentList } from './incident-list.tsx';
import { NoReplica } from './no-replica.tsx';

const PERIOD_NAMES: Record<Period, string> = { day: t.periodDay, week: t.periodWeek, all: t.periodAll };

/** Incidents of the county: a list, a map, or on a wide screen both. */
export function IncidentsView({ shows }: { shows: 'list' | 'map' }) {
  const { region } = useOpenSession();
  const { replica } = useStatus();
  if (region === undefined || replica.state === 'unavailable') return <NoReplica />;
  return <Incidents shows={shows} region={region} />;
}

function Incidents({ shows, region }: { shows: 'list' | 'map'; region: string }) {
  const wide = useMedia(WIDE);
  const all = useIncidents(region);
  const nowMs = useNow();
  const [period, setPeriod] = useState<Period>('week');
  const [selectedIds, setSelectedIds] = useState<readonly string[]>([]);
  const [focusId, setFocusId] = useState<string>();

  const incidents = useMemo(() => withinPeriod(all ?? [], period, nowMs), [all, period, nowMs]);
  const selected = incidents.filter(({ id }) => selectedIds.includes(id));
  const select = useCallback((id: string) => setSelectedIds([id]), []);
  const showOnMap = (id: string) => {
    setFocusId(id);
    setSelectedIds([]);
    if (!wide) goTo('map');
  };
  const list = (
    <section className="pane pane-list">
      <h1 className="visually-hidden">{t.incidents}</h1>
      <div className="pane-bar">
        <p className="pane-count" aria-live="polite">
          {all === undefined ? t.incidentsLoading : t.incidentCount(incidents.length)}
        </p>
        <Segmented
          legend={t.period}
          hideLegend
          className="segmented-small"
          segments={PERIODS.map((value) => ({ value, label: PERIOD_NAMES[value] }))}
          value={period}
          onChange={setPeriod}
        />
      </div>
      {all === undefined ? <Skeletons rows={5} /> : <IncidentList incidents={incidents} onSelect={select} />}
    </section>
  );
  return (
    <div className={wide ? 'split' : undefined}>
      {(wide || shows === 'list') && list}
      {(wide || shows === 'map') && (
        <MapPane incidents={incidents} region={region} focusId={focusId} onSelect={setSelectedIds} />
      )}
      <Selected
        incidents={selected}
        onSelect={select}
        onClose={() => setSelectedIds([])}
        onShowOnMap={shows === 'list' || wide ? showOnMap : undefined}
      />
    </div>
  );
}

/** The details of one incident, or the choice between several at one place. */
function Selected({
  incidents,
  onSelect,
  onClose,
  onShowOnMap,
}: {
  incidents: readonly IncidentRow[];
  onSelect: (id: string) => void;
  onClose: () => void;
  onShowOnMap: ((id: string) => void) | undefined;
}) {
  const [incident] = incidents;
  if (incident === undefined) return null;
  if (incidents.length === 1) {
    return (
      <IncidentDetails
        key={incident.id}
        incident={incident}
        onClose={onClose}
        onShowOnMap={onShowOnMap && (() => onShowOnMap(incident.id))}
      />
    );
  }
  return (
    <Sheet title={t.incidentCount(incidents.length)} onClose={onClose}>
      <IncidentList incidents={incidents} onSelect={onSelect} />
    </Sheet>
  );
}
