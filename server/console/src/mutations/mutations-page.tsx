import { INSPECTOR_PREFIX, mutationListSchema } from '@halo/shapes/protocol/inspector.ts';
import { MUTATION_SCHEMAS } from '@halo/shapes/mutations/mutation-schemas.ts';
import { useChoice } from '../routing/navigation.tsx';
import { usePages } from '../session/use-pages.ts';
import { t } from '../texts/texts.ts';
import { SearchFilter, SelectFilter, optionsOf } from '../ui/filters.tsx';
import { PageList } from '../ui/page-list.tsx';
import { Page } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import { MUTATION_COLUMNS, mutationsOf } from './mutation-columns.tsx';

const EVERY_MS = 5_000;
const TYPES = [...MUTATION_SCHEMAS.keys()].map((type) => ({ value: type, label: type }));

/** Settled mutations of all devices. */
export function MutationsPage() {
  const [status, setStatus] = useChoice('status');
  const [type, setType] = useChoice('type');
  const [code, setCode] = useChoice('code');
  const [device, setDevice] = useChoice('device');
  const [user, setUser] = useChoice('user');
  const query = new URLSearchParams();
  const chosen = { status, type, code, deviceId: device, userId: user };
  for (const [name, value] of Object.entries(chosen)) if (value !== undefined) query.set(name, value);
  const isFiltered = query.size > 0;
  const path = `${INSPECTOR_PREFIX}/mutations${isFiltered ? `?${query.toString()}` : ''}`;
  const pages = usePages(path, mutationListSchema, mutationsOf, EVERY_MS);
  return (
    <Page title={t.pages.mutations} lead={t.mutations.lead}>
      <div className="filters">
        <SelectFilter
          label={t.mutations.status}
          value={status}
          options={optionsOf(t.mutations.statuses)}
          onChange={setStatus}
        />
        <SelectFilter label={t.mutations.type} value={type} options={TYPES} onChange={setType} />
        <SearchFilter label={t.mutations.code} value={code} onChange={setCode} />
        {[
          { label: t.devices.device, value: device, clear: setDevice },
          { label: t.devices.user, value: user, clear: setUser },
        ].map(
          ({ label, value, clear }) =>
            value !== undefined && (
              <SelectFilter
                key={label}
                label={label}
                value={value}
                options={[{ value, label: value }]}
                onChange={clear}
              />
            ),
        )}
      </div>
      <div className="card">
        <PageList of={pages} empty={<Empty title={isFiltered ? t.mutations.noMatch : t.mutations.none} />}>
          {(mutations) => (
            <Table
              label={t.mutations.table}
              columns={MUTATION_COLUMNS}
              rows={mutations}
              keyOf={({ id }) => id}
            />
          )}
        </PageList>
      </div>
    </Page>
  );
}
