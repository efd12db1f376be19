import { useState } from 'react';
import { sessionListSchema, userSchema } from '@halo/shapes/protocol/users.ts';
import type { Session, User } from '@halo/shapes/protocol/users.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { count } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Back } from '../ui/back.tsx';
import { Chip } from '../ui/chip.tsx';
import { Id } from '../ui/copy.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { UserActions } from './user-actions.tsx';
import { USER_TONES } from './user-tones.ts';

const COLUMNS: readonly Column<Session>[] = [
  { key: 'used', head: t.users.used, cell: ({ lastUsedAt }) => <Age at={lastUsedAt} /> },
  { key: 'app', head: t.users.app, cell: ({ app }) => app ?? '–' },
  { key: 'browser', head: t.users.browser, cell: ({ userAgent }) => userAgent ?? '–' },
  { key: 'created', head: t.users.created, cell: ({ createdAt }) => <Age at={createdAt} /> },
  { key: 'expires', head: t.users.expires, cell: ({ expiresAt }) => <Age at={expiresAt} /> },
];

/** One account: its role, its state and its sessions. */
export function UserPage({ id }: { id: string }) {
  const path = `/api/v1/admin/users/${encodeURIComponent(id)}`;
  const user = useApi(path, userSchema);
  const [round, setRound] = useState(0);
  const { data } = user;
  return (
    <Page
      title={data?.displayName ?? t.pages.users}
      lead={<Back href={pathOf('users')}>{t.users.back}</Back>}
      actions={
        data === undefined ? undefined : (
          <UserActions
            user={data}
            onDone={() => {
              user.reload();
              setRound(round + 1);
            }}
          />
        )
      }
    >
      <Show of={user}>{(account) => <UserCard user={account} />}</Show>
      {data !== undefined && (
        <Section title={t.users.sessionList}>
          <Sessions key={round} path={`${path}/sessions`} />
        </Section>
      )}
    </Page>
  );
}

function UserCard({ user }: { user: User }) {
  const { id, state, role, kind, email, issuer, sessions } = user;
  return (
    <section className="card">
      <p className="state-line">
        <Chip tone={USER_TONES[state]}>{wordFor(t.users.states, state)}</Chip>
        <strong>{t.roles[role]}</strong>
        <Link href={pathOf('devices', undefined, { user: id })}>{t.users.devices}</Link>
        <Link href={pathOf('audit', undefined, { target: id })}>{t.pages.audit}</Link>
      </p>
      <Facts
        of={[
          [t.users.email, email ?? '–'],
          [t.users.kind, issuer === null ? wordFor(t.users.kinds, kind) : issuer],
          [t.users.created, <Age at={user.createdAt} />],
          [t.users.used, <Age at={user.lastUsedAt} />],
          [t.users.sessions, count(sessions)],
          ['Id', <Id of={id} />],
        ]}
      />
    </section>
  );
}

function Sessions({ path }: { path: string }) {
  const loaded = useApi(path, sessionListSchema);
  return (
    <Show of={loaded}>
      {({ sessions }) =>
        sessions.length === 0 ? (
          <Empty title={t.users.noSessions} />
        ) : (
          <Table label={t.users.sessionList} columns={COLUMNS} rows={sessions} keyOf={({ id }) => id} />
        )
      }
    </Show>
  );
}
