import type { DeviceDetail } from '@halo/shapes/protocol/inspector-devices.ts';
import { INSPECTOR_PREFIX, mutationListSchema } from '@halo/shapes/protocol/inspector.ts';
import { MUTATION_COLUMNS, mutationsOf } from '../mutations/mutation-columns.tsx';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { usePages } from '../session/use-pages.ts';
import { t } from '../texts/texts.ts';
import { PageList } from '../ui/page-list.tsx';
import { Section } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';

const EVERY_MS = 10_000;
/** Newest mutations that are shown here. */
const SHOWN = 8;
/** Whose they are stands above. */
const COLUMNS = MUTATION_COLUMNS.filter(({ key }) => key !== 'user' && key !== 'device');

/** What the device sent last, and what became of it. */
export function MutationsSection({ id, counts }: { id: string; counts: DeviceDetail['mutations'] }) {
  const path = `${INSPECTOR_PREFIX}/mutations?deviceId=${encodeURIComponent(id)}`;
  const { more: _more, ...pages } = usePages(path, mutationListSchema, mutationsOf, EVERY_MS);
  const { applied, rejected } = counts;
  return (
    <Section
      title={t.device.mutations}
      lead={t.overview.charts.mutationsSummary(applied, rejected)}
      actions={
        <Link className="button button-small" href={pathOf('mutations', undefined, { device: id })}>
          {t.device.allMutations}
        </Link>
      }
    >
      <PageList of={{ ...pages, more: undefined }} empty={<Empty title={t.device.noMutations} />}>
        {(mutations) => (
          <Table
            label={t.device.mutationsLead}
            columns={COLUMNS}
            rows={mutations.slice(0, SHOWN)}
            keyOf={(mutation) => mutation.id}
          />
        )}
      </PageList>
    </Section>
  );
}
