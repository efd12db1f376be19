import { INSPECTOR_PREFIX, replicationSchema } from '@halo/shapes/protocol/inspector.ts';
import type { Replication } from '@halo/shapes/protocol/inspector.ts';
import { useApi } from '../session/use-api.ts';
import { bytes, count } from '../texts/format.ts';
import { language } from '../texts/language.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Tone } from '../ui/chip.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { instanceTone } from './instance-tone.ts';

const EVERY_MS = 3_000;

type Instance = Replication['instances'][number];
type Event = Replication['events'][number];

const EVENT_TONES: Record<Event['kind'], Tone> = { started: 'good', failed: 'bad', reset: 'warn' };

const EVENT_COLUMNS: readonly Column<Event>[] = [
  { key: 'at', head: t.time, cell: ({ at }) => <Age at={at} /> },
  {
    key: 'kind',
    head: t.device.event,
    cell: ({ kind }) => <Chip tone={EVENT_TONES[kind]}>{wordFor(t.replication.kinds, kind)}</Chip>,
  },
  { key: 'code', head: t.mutations.code, cell: ({ code }) => <code>{code}</code> },
  { key: 'message', head: t.mutations.message, cell: ({ message }) => message ?? '–' },
  { key: 'instance', head: t.shapes.instance, cell: ({ instance }) => <code>{instance}</code> },
  { key: 'times', head: t.device.times, numeric: true, cell: ({ times }) => count(times) },
];

/** How far each instance has followed Postgres. */
export function ReplicationPage() {
  const loaded = useApi(`${INSPECTOR_PREFIX}/replication`, replicationSchema, EVERY_MS);
  return (
    <Page title={t.pages.replication} lead={t.replication.lead}>
      <Show of={loaded}>
        {({ headLsn, epoch, instances, events }) => (
          <>
            <section className="card">
              <Facts
                of={[
                  [t.replication.head, <code>{headLsn}</code>],
                  [t.replication.epoch, <Age at={epoch.since} />],
                ]}
              />
            </section>
            {instances.length === 0 && <Empty title={t.replication.noInstances} />}
            {instances.map((instance) => (
              <InstanceCard key={instance.id} instance={instance} />
            ))}
            <Section title={t.replication.events} lead={t.replication.eventsLead}>
              {events.length === 0 ? (
                <Empty title={t.replication.noEvents} />
              ) : (
                <Table
                  label={t.replication.events}
                  columns={EVENT_COLUMNS}
                  rows={events}
                  keyOf={({ at, instance, kind }) => `${at} ${instance} ${kind}`}
                />
              )}
            </Section>
          </>
        )}
      </Show>
    </Page>
  );
}

const known = (value: number | null, format: (value: number) => string) =>
  value === null ? t.replication.unknown : format(value);

function InstanceCard({ instance }: { instance: Instance }) {
  const { id, host, version, self, state, reason, lag, position, undispatchedBytes, log, slot } = instance;
  return (
    <Section
      title={host ?? id}
      lead={[id, version, self ? t.replication.self : undefined].filter((part) => part != null).join(' · ')}
      actions={<Chip tone={instanceTone(state)}>{wordFor(t.replication.states, state)}</Chip>}
    >
      <p>{language === 'sv' ? reason.textSv : reason.text}</p>
      <Facts
        of={[
          [t.replication.lag, known(lag.seconds, t.replication.lagFor)],
          [t.replication.lagBytes, known(lag.bytes, bytes)],
          [t.replication.proved, known(lag.provedSecondsAgo, t.replication.ago)],
          [t.replication.contact, known(lag.contactSecondsAgo, t.replication.ago)],
          [t.replication.position, <code>{position ?? t.replication.unknown}</code>],
          [t.replication.undispatched, known(undispatchedBytes, bytes)],
          [t.replication.log, log === null ? '–' : bytes(log.bytes)],
          ...(slot === null
            ? [[t.replication.slot, t.replication.noSlot] as const]
            : [
                [
                  t.replication.slot,
                  `${slot.name}, ${slot.active ? t.replication.slotActive : t.replication.slotIdle}`,
                ] as const,
                [t.replication.retained, bytes(slot.retainedBytes)] as const,
                [
                  t.replication.safe,
                  slot.safeBytes === null ? t.replication.noLimit : bytes(Math.max(0, slot.safeBytes)),
                ] as const,
              ]),
        ]}
      />
    </Section>
  );
}
