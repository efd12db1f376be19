import { deviceDetailSchema } from '@halo/shapes/protocol/inspector-devices.ts';
import type { DeviceDetail } from '@halo/shapes/protocol/inspector-devices.ts';
import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import { deviceTone } from '../devices/device-row.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { count, duration, shortId } from '../texts/format.ts';
import { language } from '../texts/language.ts';
import { t } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Back } from '../ui/back.tsx';
import { Chip } from '../ui/chip.tsx';
import { Id } from '../ui/copy.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Show } from '../ui/states.tsx';
import { CheckSection } from './check-section.tsx';
import { HistorySection } from './history-section.tsx';
import { MutationsSection } from './mutations-section.tsx';
import { PositionsSection } from './positions-section.tsx';
import { RowsSection } from './rows-section.tsx';

/** How often it is asked anew how the device fares. */
const EVERY_MS = 5_000;

/** One device: how it fares and why, where it stands, what happened to it, and what it should hold. */
export function DevicePage({ id }: { id: string }) {
  const path = `${INSPECTOR_PREFIX}/devices/${encodeURIComponent(id)}`;
  const loaded = useApi(path, deviceDetailSchema, EVERY_MS);
  return (
    <Page title={t.device.title(shortId(id))} lead={<Back href={pathOf('devices')}>{t.device.back}</Back>}>
      <Show of={loaded} rows={8}>
        {(device) => <DeviceParts device={device} reload={loaded.reload} />}
      </Show>
    </Page>
  );
}

function DeviceParts({ device, reload }: { device: DeviceDetail; reload: () => void }) {
  return (
    <>
      <StateCard device={device} />
      <div className="columns">
        <OutboxSection device={device} />
        <CheckSection id={device.id} last={device.lastCheck} onAsked={reload} />
      </div>
      <PositionsSection shapes={device.shapes} />
      <div className="columns">
        <HistorySection id={device.id} />
        <MutationsSection id={device.id} counts={device.mutations} />
      </div>
      <RowsSection id={device.id} shapes={device.shapes.map(({ shape }) => shape)} />
    </>
  );
}

function StateCard({ device }: { device: DeviceDetail }) {
  const { state, reason, since, contact, user } = device;
  return (
    <section className="card">
      <p className="state-line">
        <Chip tone={deviceTone(state)}>{t.devices.states[state]}</Chip>
        <strong>{language === 'sv' ? reason.textSv : reason.text}</strong>
        {since !== null && (
          <span className="muted">
            {t.since} <Age at={since} />
          </span>
        )}
      </p>
      <Facts
        of={[
          [
            t.devices.user,
            <Link href={pathOf('users', user.id)}>
              {user.displayName} <span className="muted">{user.email ?? t.devices.anonymous}</span>
            </Link>,
          ],
          [t.devices.version, device.appVersion ?? t.devices.noVersion],
          [t.device.contact, <Age at={contact.lastAt} />],
          [t.device.due, duration(contact.dueSeconds * 1000)],
          [t.device.firstSeen, <Age at={device.firstSeenAt} />],
          [t.device.instances, contact.instances.length === 0 ? '–' : contact.instances.join(', ')],
          [t.device.lastSeq, count(device.lastSeq)],
          [t.devices.device, <Id of={device.id} />],
        ]}
      />
    </section>
  );
}

function OutboxSection({ device: { outbox, lastError } }: { device: DeviceDetail }) {
  return (
    <Section title={t.device.outbox}>
      {outbox === null ? (
        <p className="muted">{t.device.notReported}</p>
      ) : (
        <Facts
          of={[
            [t.device.pending, count(outbox.pending)],
            [t.devices.rejected, count(outbox.rejected)],
            [t.device.oldest, outbox.oldestSeconds === null ? '–' : duration(outbox.oldestSeconds * 1000)],
            [t.device.stuck, outbox.stuckSeconds === null ? '–' : duration(outbox.stuckSeconds * 1000)],
            [t.device.reported, t.replication.ago(outbox.reportedSecondsAgo)],
          ]}
        />
      )}
      {lastError !== null && (
        <p className="note note-bad">
          <code>{lastError.code}</code>,{' '}
          {lastError.from === 'device' ? t.device.fromDevice : t.device.fromServer}, <Age at={lastError.at} />
        </p>
      )}
    </Section>
  );
}
