import { useMemo } from 'react';
import { areaListSchema } from '@halo/shapes/protocol/areas.ts';
import { useDevices } from '../devices/use-devices.ts';
import { Link, useChoice } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useAccount } from '../session/session-context.tsx';
import { useApi } from '../session/use-api.ts';
import { useShape } from '../sync/use-shape.ts';
import type { Followed } from '../sync/follower.ts';
import { count } from '../texts/format.ts';
import { t, typeName, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { SelectFilter } from '../ui/filters.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Show, ShowShape } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { incidentsOf, spotsOf } from './incident-row.ts';
import type { IncidentRow } from './incident-row.ts';
import { RegionMap } from './region-map.tsx';
import type { MapRegion } from './region-map.tsx';

/** Incidents that are listed; all are on the map. */
const MAX_LISTED = 100;

const COLUMNS: readonly Column<IncidentRow>[] = [
  { key: 'type', head: t.map.type, cell: ({ type }) => typeName(type) },
  {
    key: 'severity',
    head: t.map.severity,
    cell: ({ severity }) => (
      <span className="nowrap">
        <span className={`severity severity-${severity}`} aria-hidden="true" /> {severity}
      </span>
    ),
  },
  { key: 'occurred', head: t.map.occurred, cell: ({ occurredAtMs }) => <Age at={occurredAtMs} /> },
  {
    key: 'verification',
    head: t.map.verification,
    cell: ({ verification }) => wordFor(t.map.verifications, verification),
  },
  { key: 'reports', head: t.map.reports, numeric: true, cell: ({ reports }) => count(reports) },
];

/** Which counties devices follow, and what happened in one. */
export default function MapPage() {
  const { role } = useAccount();
  return role === 'operator' ? <MapWithDevices /> : <MapView devicesBy={undefined} />;
}

function MapWithDevices() {
  const { rows, counts: judged, reading } = useDevices();
  const isKnown = judged !== undefined && reading === undefined;
  const devicesBy = useMemo(() => {
    if (!isKnown) return undefined;
    const counts = new Map<string, number>();
    for (const { regions, state } of rows ?? []) {
      if (state === 'revoked') continue;
      for (const region of regions) counts.set(region, (counts.get(region) ?? 0) + 1);
    }
    return counts;
  }, [rows, isKnown]);
  return <MapView devicesBy={devicesBy} />;
}

function MapView({ devicesBy }: { devicesBy: ReadonlyMap<string, number> | undefined }) {
  const areas = useApi('/api/v1/areas?kind=county', areaListSchema);
  const [region, setRegion] = useChoice('region');
  return (
    <Page title={t.pages.map} lead={t.map.lead}>
      <Show of={areas}>
        {({ areas: counties }) => {
          const options = counties.map(({ code, name }) => ({ value: code, label: name }));
          const regions = counties.map((area) => ({
            area,
            devices: devicesBy && (devicesBy.get(area.code) ?? 0),
          }));
          const parts = { regions, region, onRegion: setRegion };
          return (
            <>
              <div className="filters">
                <SelectFilter
                  label={t.map.region}
                  value={region}
                  options={options}
                  none={t.none}
                  onChange={setRegion}
                />
              </div>
              {region === undefined ? (
                <MapAndLists {...parts} followed={undefined} />
              ) : (
                <OfRegion key={region} {...parts} name={region} />
              )}
            </>
          );
        }}
      </Show>
    </Page>
  );
}

interface ListParts {
  readonly regions: readonly MapRegion[];
  readonly region: string | undefined;
  readonly onRegion: (code: string | undefined) => void;
}

function OfRegion({ name, ...parts }: ListParts & { name: string }) {
  const followed = useShape(`incidents?region=${name}`);
  return <MapAndLists {...parts} followed={followed} />;
}

const NO_ROWS: Followed['rows'] = [];

function MapAndLists({
  regions,
  region,
  onRegion,
  followed,
}: ListParts & { followed: Followed | undefined }) {
  const rows = followed?.rows ?? NO_ROWS;
  const incidents = useMemo(() => incidentsOf(rows), [rows]);
  const spots = useMemo(() => spotsOf(incidents), [incidents]);
  const followedRegions = regions
    .flatMap(({ area, devices = 0 }) => (devices > 0 ? [{ area, devices }] : []))
    .toSorted((a, b) => b.devices - a.devices);
  return (
    <div className="map-columns">
      <RegionMap regions={regions} chosen={region} spots={spots} onChoose={onRegion} />
      <div className="map-side">
        <Section
          title={t.map.newest}
          {...(followed?.at === 'live' ? { lead: t.map.incidents(incidents.length) } : {})}
        >
          {followed === undefined ? (
            <p className="muted">{t.map.noRegion}</p>
          ) : (
            <ShowShape of={followed}>
              {() =>
                incidents.length === 0 ? (
                  <Empty title={t.map.none} />
                ) : (
                  <Table
                    label={t.map.newest}
                    columns={COLUMNS}
                    rows={incidents.slice(0, MAX_LISTED)}
                    keyOf={({ id }) => id}
                  />
                )
              }
            </ShowShape>
          )}
        </Section>
        {followedRegions.length > 0 && (
          <Section title={t.map.regions}>
            <Table
              label={t.map.regions}
              columns={REGION_COLUMNS}
              rows={followedRegions}
              keyOf={({ area }) => area.code}
            />
          </Section>
        )}
      </div>
    </div>
  );
}

const REGION_COLUMNS: readonly Column<MapRegion & { readonly devices: number }>[] = [
  {
    key: 'name',
    head: t.map.region,
    cell: ({ area }) => <Link href={pathOf('devices', undefined, { region: area.code })}>{area.name}</Link>,
  },
  { key: 'devices', head: t.map.followed, numeric: true, cell: ({ devices }) => count(devices) },
];
