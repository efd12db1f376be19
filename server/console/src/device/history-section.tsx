import { deviceEventListSchema } from '@halo/shapes/protocol/inspector-devices.ts';
import type { DeviceEvent, DeviceEventKind } from '@halo/shapes/protocol/inspector-devices.ts';
import type { z } from 'zod';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import { usePages } from '../session/use-pages.ts';
import { count } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Tone } from '../ui/chip.tsx';
import { PageList } from '../ui/page-list.tsx';
import { Section } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';

const EVERY_MS = 10_000;

const TONES: Record<DeviceEventKind, Tone> = {
  came: 'good',
  recovered: 'good',
  snapshot: 'accent',
  version: 'accent',
  refetch: 'warn',
  refused: 'bad',
  failed: 'bad',
  error: 'bad',
};

const COLUMNS: readonly Column<DeviceEvent>[] = [
  { key: 'at', head: t.time, cell: ({ at }) => <Age at={at} /> },
  {
    key: 'kind',
    head: t.device.event,
    cell: ({ kind }) => <Chip tone={TONES[kind]}>{wordFor(t.device.kinds, kind)}</Chip>,
  },
  {
    key: 'about',
    head: t.device.about,
    cell: ({ shape, code }) => <code>{[shape, code].filter((part) => part !== null).join(' · ')}</code>,
  },
  { key: 'times', head: t.device.times, numeric: true, cell: ({ times }) => count(times) },
];

const eventsOf = (page: z.infer<typeof deviceEventListSchema>) => page.events;

/** What happened between the device and the server. */
export function HistorySection({ id }: { id: string }) {
  const path = `${INSPECTOR_PREFIX}/devices/${encodeURIComponent(id)}/events`;
  const pages = usePages(path, deviceEventListSchema, eventsOf, EVERY_MS);
  return (
    <Section title={t.device.history} lead={t.device.historyLead}>
      <PageList of={pages} empty={<Empty title={t.device.noHistory} />}>
        {(events) => (
          <Table label={t.device.history} columns={COLUMNS} rows={events} keyOf={(event) => event.id} />
        )}
      </PageList>
    </Section>
  );
}
