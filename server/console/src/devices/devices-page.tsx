import { useMemo } from 'react';
import { areaListSchema } from '@halo/shapes/protocol/areas.ts';
import { useChoice } from '../routing/navigation.tsx';
import { useApi } from '../session/use-api.ts';
import { count } from '../texts/format.ts';
import { errorText, t } from '../texts/texts.ts';
import { Chip } from '../ui/chip.tsx';
import { SearchFilter, SelectFilter } from '../ui/filters.tsx';
import { LongTable } from '../ui/long-table.tsx';
import { Page } from '../ui/page.tsx';
import { pressed, sorted, sortingOf, sortingText } from '../ui/sorting.ts';
import { Empty, Failed, Loading, LostNote } from '../ui/states.tsx';
import { DEVICE_COLUMNS } from './device-columns.tsx';
import { DEVICE_SORTS, deviceTone, isWanted } from './device-row.ts';
import type { DeviceRow } from './device-row.ts';
import { useDevices } from './use-devices.ts';
import type { Devices } from './use-devices.ts';

const WORST_FIRST = { by: 'state', descending: false };
const STATES = ['stalled', 'behind', 'offline', 'live', 'revoked'] as const;

/** All devices: how each fares, found by state, person, version and region. */
export function DevicesPage() {
  const devices = useDevices();
  return (
    <Page title={t.pages.devices} lead={t.devices.lead}>
      {devices.rows === undefined ? (
        devices.error === undefined ? (
          <Loading rows={12} />
        ) : (
          <Failed error={devices.error} onRetry={devices.reload} />
        )
      ) : (
        <DeviceList devices={devices} rows={devices.rows} />
      )}
    </Page>
  );
}

function DeviceList({ devices, rows }: { devices: Devices; rows: readonly DeviceRow[] }) {
  const [state, setState] = useChoice('state');
  const [version, setVersion] = useChoice('version');
  const [region, setRegion] = useChoice('region');
  const [user, setUser] = useChoice('user');
  const [q, setQ] = useChoice('q');
  const [sort, setSort] = useChoice('sort');
  const sorting = sortingOf(sort, Object.keys(DEVICE_SORTS), WORST_FIRST);
  const { by, descending } = sorting;
  const shown = useMemo(() => {
    const wanted = rows.filter((row) => isWanted(row, { state, version, region, user, q }));
    return sorted(wanted, DEVICE_SORTS[by] ?? (() => undefined), descending);
  }, [rows, state, version, region, user, q, by, descending]);
  const clear = () => {
    for (const set of [setState, setVersion, setRegion, setUser, setQ]) set(undefined);
  };
  if (rows.length === 0) return <Empty title={t.devices.none}>{t.devices.noneLead}</Empty>;
  return (
    <>
      <LostNote of={devices.followed} />
      <StateCounts devices={devices} state={state} onState={setState} />
      <div className="filters">
        <SearchFilter label={t.devices.search} value={q} onChange={setQ} />
        <VersionFilter rows={rows} value={version} onChange={setVersion} />
        <RegionFilter rows={rows} value={region} onChange={setRegion} />
      </div>
      <ListLine devices={devices} shown={shown.length} all={rows.length} />
      {shown.length === 0 ? (
        <Empty title={t.devices.noMatch}>
          <button type="button" className="button" onClick={clear}>
            {t.devices.clear}
          </button>
        </Empty>
      ) : (
        <LongTable
          label={t.devices.table}
          columns={DEVICE_COLUMNS}
          rows={shown}
          keyOf={(row) => row.id}
          sorting={sorting}
          onSort={(by) => setSort(sortingText(pressed(sorting, by)))}
        />
      )}
    </>
  );
}

/** Devices by state; each is a filter. */
function StateCounts({
  devices: { counts },
  state,
  onState,
}: {
  devices: Devices;
  state: string | undefined;
  onState: (state: string | undefined) => void;
}) {
  return (
    <div className="state-counts" role="group" aria-label={t.devices.state}>
      {STATES.map((each) => (
        <button
          key={each}
          type="button"
          className="state-count"
          aria-pressed={state === each}
          onClick={() => onState(state === each ? undefined : each)}
        >
          <Chip tone={deviceTone(each)}>{t.devices.states[each]}</Chip>
          <strong className="number">{counts === undefined ? '–' : count(counts[each])}</strong>
        </button>
      ))}
    </div>
  );
}

function ListLine({ devices, shown, all }: { devices: Devices; shown: number; all: number }) {
  const { reading, truncated, followed, error, reload } = devices;
  return (
    <p className="list-line" role="status">
      <span className="number">{t.devices.shown(shown, all)}</span>
      {followed.at === 'live' && <Chip tone="good">{t.live}</Chip>}
      {reading !== undefined && <span className="muted number">{t.devices.loadingMore(reading)}</span>}
      {truncated && <span className="muted">{t.devices.truncated}</span>}
      {error !== undefined && (
        <span>
          {errorText(error)}{' '}
          <button type="button" className="link" onClick={reload}>
            {t.tryAgain}
          </button>
        </span>
      )}
    </p>
  );
}

interface FilterProps {
  readonly rows: readonly DeviceRow[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

function VersionFilter({ rows, ...rest }: FilterProps) {
  const versions = new Set(rows.map(({ appVersion }) => appVersion).filter((version) => version !== null));
  const options = [...versions].sort().map((version) => ({ value: version, label: version }));
  return <SelectFilter label={t.devices.version} options={options} {...rest} />;
}

function RegionFilter({ rows, ...rest }: FilterProps) {
  const areas = useApi('/api/v1/areas?kind=county', areaListSchema);
  const names = new Map(areas.data?.areas.map(({ code, name }) => [code, name]));
  const codes = new Set(rows.flatMap(({ regions }) => regions));
  const options = [...codes].sort().map((code) => ({ value: code, label: names.get(code) ?? code }));
  return <SelectFilter label={t.devices.region} options={options} {...rest} />;
}
