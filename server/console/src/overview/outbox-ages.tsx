import { deviceListSchema } from '@halo/shapes/protocol/inspector-devices.ts';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import { BarList } from '../charts/bar-list.tsx';
import { useApi } from '../session/use-api.ts';
import { withCursor } from '../session/use-pages.ts';
import { t } from '../texts/texts.ts';
import { Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { countByAge } from './by-hour.ts';

const EVERY_MS = 30_000;
/** Devices that are looked at: one page, those first that need a look. */
const LOOKED_AT = 200;
const PATH = withCursor(`${INSPECTOR_PREFIX}/devices`, null, LOOKED_AT);

/** How long what devices want to send has waited. */
export function OutboxAges() {
  const loaded = useApi(PATH, deviceListSchema, EVERY_MS);
  return (
    <Section title={t.overview.outboxAges} lead={t.overview.outboxAgesLead(LOOKED_AT)}>
      <Show of={loaded}>
        {({ devices }) => {
          const ages = devices.flatMap(({ outbox }) =>
            outbox === null || outbox.pending === 0 || outbox.oldestSeconds === null
              ? []
              : [outbox.oldestSeconds],
          );
          if (ages.length === 0) return <Empty title={t.overview.nothingWaits} />;
          const counts = countByAge(ages);
          const bars = t.overview.ages.map((name, n) => ({ name, value: counts[n] ?? 0 }));
          return <BarList label={t.overview.outboxAges} bars={bars} />;
        }}
      </Show>
    </Section>
  );
}
