import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { bytes, count, shortId } from '../texts/format.ts';
import { language } from '../texts/language.ts';
import { t } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import type { LongColumn } from '../ui/long-table.tsx';
import { deviceTone } from './device-row.ts';
import type { DeviceRow } from './device-row.ts';

const none = <span className="none">–</span>;

function amount(value: number | null) {
  if (value === null) return none;
  return value === 0 ? <span className="none">0</span> : count(value);
}

/** Columns of the list of devices. */
export const DEVICE_COLUMNS: readonly LongColumn<DeviceRow>[] = [
  {
    key: 'device',
    head: t.devices.device,
    width: '8.5rem',
    cell: ({ id }) => (
      <Link href={pathOf('devices', id)} title={id}>
        <code>{shortId(id)}</code>
      </Link>
    ),
  },
  {
    key: 'state',
    head: t.devices.state,
    width: '8rem',
    sortable: true,
    cell: ({ state, reason }) => (
      <span title={language === 'sv' ? reason.textSv : reason.text}>
        <Chip tone={deviceTone(state)}>{t.devices.states[state]}</Chip>
      </span>
    ),
  },
  {
    key: 'since',
    head: t.devices.stateSince,
    width: '7rem',
    sortable: true,
    cell: ({ sinceMs }) => <Age at={sinceMs} />,
  },
  {
    key: 'user',
    head: t.devices.user,
    width: 'minmax(10rem, 1fr)',
    sortable: true,
    cell: ({ userId, userName, email }) => (
      <span title={email ?? t.devices.anonymous}>
        {userName ?? <code>{shortId(userId)}</code>}{' '}
        <span className="muted">{email ?? (userName === null ? '' : t.devices.anonymous)}</span>
      </span>
    ),
  },
  {
    key: 'version',
    head: t.devices.version,
    width: '6rem',
    sortable: true,
    cell: ({ appVersion }) => appVersion ?? none,
  },
  {
    key: 'contact',
    head: t.devices.contact,
    width: '7rem',
    sortable: true,
    cell: ({ lastAtMs }) => <Age at={lastAtMs} />,
  },
  {
    key: 'pending',
    head: t.devices.outbox,
    width: '4.5rem',
    numeric: true,
    sortable: true,
    cell: ({ pending }) => amount(pending),
  },
  {
    key: 'rejected',
    head: t.devices.rejected,
    width: '5rem',
    numeric: true,
    sortable: true,
    cell: ({ rejected }) => amount(rejected),
  },
  {
    key: 'behind',
    head: t.devices.behind,
    width: '5rem',
    numeric: true,
    sortable: true,
    cell: ({ behindBytes }) =>
      behindBytes === null ? none : behindBytes === 0 ? <span className="none">0</span> : bytes(behindBytes),
  },
  {
    key: 'error',
    head: t.devices.error,
    width: '8rem',
    cell: ({ errorCode }) => (errorCode === null ? none : <code className="bad">{errorCode}</code>),
  },
];
