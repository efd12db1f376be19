import type { MutationList } from '@halo/shapes/protocol/inspector.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { count, shortId } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Column } from '../ui/table.tsx';

export type Settled = MutationList['mutations'][number];

/** The mutations of a page of the list. */
export const mutationsOf = (page: MutationList): readonly Settled[] => page.mutations;

/** Columns of lists of settled mutations. */
export const MUTATION_COLUMNS: readonly Column<Settled>[] = [
  {
    key: 'mutation',
    head: t.mutations.mutation,
    cell: ({ id }) => (
      <Link href={pathOf('mutations', id)} title={id}>
        <code className="nowrap">{shortId(id)}</code>
      </Link>
    ),
  },
  { key: 'settled', head: t.mutations.settled, cell: ({ settledAt }) => <Age at={settledAt} /> },
  { key: 'type', head: t.mutations.type, cell: ({ type }) => <code>{type}</code> },
  {
    key: 'status',
    head: t.mutations.status,
    cell: ({ status, code }) => (
      <>
        <Chip tone={status === 'applied' ? 'good' : 'bad'}>{wordFor(t.mutations.statuses, status)}</Chip>{' '}
        {code !== null && <code>{code}</code>}
      </>
    ),
  },
  {
    key: 'user',
    head: t.devices.user,
    cell: ({ user }) => <Link href={pathOf('users', user.id)}>{user.displayName}</Link>,
  },
  {
    key: 'device',
    head: t.devices.device,
    cell: ({ deviceId }) => (
      <Link href={pathOf('devices', deviceId)} title={deviceId}>
        <code className="nowrap">{shortId(deviceId)}</code>
      </Link>
    ),
  },
  { key: 'seq', head: t.mutations.seq, numeric: true, cell: ({ seq }) => count(seq) },
];
