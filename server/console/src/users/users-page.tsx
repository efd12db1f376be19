import { useState } from 'react';
import { userListSchema, USER_KINDS } from '@halo/shapes/protocol/users.ts';
import type { User } from '@halo/shapes/protocol/users.ts';
import type { z } from 'zod';
import { Link, useChoice } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { usePages } from '../session/use-pages.ts';
import { count } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import { SearchFilter, SelectFilter, optionsOf } from '../ui/filters.tsx';
import { PageList } from '../ui/page-list.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { Invitations } from './invitations.tsx';
import { Invite } from './invite.tsx';
import { USER_TONES } from './user-tones.ts';

const COLUMNS: readonly Column<User>[] = [
  {
    key: 'name',
    head: t.users.name,
    cell: ({ id, displayName, email }) => (
      <>
        <Link href={pathOf('users', id)}>{displayName}</Link> <span className="muted">{email}</span>
      </>
    ),
  },
  { key: 'role', head: t.users.role, cell: ({ role }) => t.roles[role] },
  { key: 'kind', head: t.users.kind, cell: ({ kind }) => wordFor(t.users.kinds, kind) },
  {
    key: 'state',
    head: t.users.state,
    cell: ({ state }) => <Chip tone={USER_TONES[state]}>{wordFor(t.users.states, state)}</Chip>,
  },
  { key: 'sessions', head: t.users.sessions, numeric: true, cell: ({ sessions }) => count(sessions) },
  { key: 'used', head: t.users.used, cell: ({ lastUsedAt }) => <Age at={lastUsedAt} /> },
  { key: 'created', head: t.users.created, cell: ({ createdAt }) => <Age at={createdAt} /> },
];

const usersOf = (page: z.infer<typeof userListSchema>) => page.users;
const KINDS = Object.fromEntries(USER_KINDS.map((kind) => [kind, wordFor(t.users.kinds, kind)]));

/** Accounts, and who was invited. */
export function UsersPage() {
  const [email, setEmail] = useChoice('q');
  const [role, setRole] = useChoice('role');
  const [kind, setKind] = useChoice('kind');
  const [state, setState] = useChoice('state');
  const [round, setRound] = useState(0);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ email, role, kind, state }))
    if (value !== undefined) query.set(name, value);
  const path = `/api/v1/admin/users${query.size > 0 ? `?${query.toString()}` : ''}`;
  const pages = usePages(path, userListSchema, usersOf);
  return (
    <Page title={t.pages.users} lead={t.users.lead} actions={<Invite onMade={() => setRound(round + 1)} />}>
      <div className="filters">
        <SearchFilter label={t.users.search} value={email} onChange={setEmail} />
        <SelectFilter label={t.users.role} value={role} options={optionsOf(t.roles)} onChange={setRole} />
        <SelectFilter label={t.users.kind} value={kind} options={optionsOf(KINDS)} onChange={setKind} />
        <SelectFilter
          label={t.users.state}
          value={state}
          options={optionsOf(t.users.states)}
          onChange={setState}
        />
      </div>
      <div className="card">
        <PageList of={pages} empty={<Empty title={t.users.none} />}>
          {(users) => <Table label={t.users.table} columns={COLUMNS} rows={users} keyOf={({ id }) => id} />}
        </PageList>
      </div>
      <Section title={t.users.invitations}>
        <Invitations key={round} />
      </Section>
    </Page>
  );
}
