import { useCallback, useState } from 'react';
import { useStatus } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { MapPane } from '../map/map-pane.tsx';
import { ChooseRegion } from '../region/choose-region.tsx';
import { RiskPanel } from '../risk/risk-panel.tsx';
import { RiskSheet } from '../risk/risk-sheet.tsx';
import { useRisk } from '../risk/use-risk.ts';
import { goTo } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { Skeletons } from '../ui/skeletons.tsx';
import { WIDE, useMedia } from '../ui/use-media.ts';
import { useNow } from '../ui/use-now.ts';
import { FilterBar } from './filter-bar.tsx';
import { useChoice } from './filter-store.ts';
import { MAX_ON_MAP } from './filters.ts';
import { IncidentList } from './incident-list.tsx';
import { NoIncidents } from './no-incidents.tsx';
import { NoReplica } from './no-replica.tsx';
import { Selected } from './selected.tsx';
import { useHasCome, useListed, useMapped } from './use-incidents.ts';

/** Rows drawn at first, and added by each press of "more": a phone draws this many without a stutter. */
const PAGE_ROWS = 60;

/** Incidents of the county: a list, a map, or on a wide screen both. */
export function IncidentsView({ shows }: { shows: 'list' | 'map' }) {
  const { region } = useOpenSession();
  const { replica } = useStatus();
  if (replica.state === 'unavailable') return <NoReplica />;
  if (region === undefined) return <ChooseRegion />;
  return <Incidents shows={shows} region={region} />;
}

function Incidents({ shows, region }: { shows: 'list' | 'map'; region: string }) {
  const wide = useMedia(WIDE);
  const [selectedIds, setSelectedIds] = useState<readonly string[]>([]);
  const [focusId, setFocusId] = useState<string>();
  const select = useCallback((id: string) => setSelectedIds([id]), []);
  const showOnMap = (id: string) => {
    setFocusId(id);
    setSelectedIds([]);
    if (!wide) goTo('map');
  };
  return (
    <div className={wide ? 'split' : undefined}>
      {(wide || shows === 'list') && <ListSide region={region} onSelect={select} />}
      {(wide || shows === 'map') && (
        <MapSide region={region} focusId={focusId} onSelect={setSelectedIds} hasBar={!wide} />
      )}
      <Selected
        ids={selectedIds}
        onSelect={select}
        onClose={() => setSelectedIds([])}
        onShowOnMap={shows === 'list' || wide ? showOnMap : undefined}
      />
    </div>
  );
}

function ListSide({ region, onSelect }: { region: string; onSelect: (id: string) => void }) {
  const { filters, here } = useChoice();
  const [limit, setLimit] = useState(PAGE_ROWS);
  const listed = useListed(region, filters, useNow(), limit, here);
  const hasCome = useHasCome(region);
  const total = listed?.[0]?.total ?? 0;
  const isKnown = listed !== undefined && (hasCome || total > 0);
  return (
    <section className="pane pane-list">
      <h1 className="visually-hidden">{t.incidents}</h1>
      <FilterBar total={isKnown ? total : undefined} />
      {listed === undefined && <Skeletons rows={5} />}
      {listed !== undefined && total === 0 && <NoIncidents hasCome={hasCome} />}
      {listed !== undefined && total > 0 && <IncidentList incidents={listed} onSelect={onSelect} />}
      {listed !== undefined && total > listed.length && (
        <button
          type="button"
          className="button button-quiet list-more"
          onClick={() => setLimit(limit + PAGE_ROWS)}
        >
          {t.showMore}
        </button>
      )}
    </section>
  );
}

function MapSide({
  region,
  focusId,
  onSelect,
  hasBar,
}: {
  region: string;
  focusId: string | undefined;
  onSelect: (ids: readonly string[]) => void;
  hasBar: boolean;
}) {
  const { filters } = useChoice();
  const mapped = useMapped(region, filters, useNow());
  const hasCome = useHasCome(region);
  const risk = useRisk(region);
  const [place, setPlace] = useState<string>();
  return (
    <div className="map-side">
      {hasBar && <h1 className="visually-hidden">{t.map}</h1>}
      {hasBar && <FilterBar total={hasCome || mapped.length > 0 ? mapped.length : undefined} />}
      {mapped.length >= MAX_ON_MAP && (
        <p className="field-hint map-full">{t.incidentsView.mapFull(MAX_ON_MAP.toLocaleString())}</p>
      )}
      <MapPane {...{ incidents: mapped, region, focusId, onSelect }} risks={risk.places} onRisk={setPlace}>
        <RiskPanel risk={risk} onRisk={setPlace} />
      </MapPane>
      {place !== undefined && (
        <RiskSheet
          place={risk.places.find((each) => each.place === place)}
          window={risk.windows?.[risk.index]}
          onClose={() => setPlace(undefined)}
        />
      )}
    </div>
  );
}
