import { useState } from 'react';
import { userSchema } from '@halo/shapes/protocol/users.ts';
import type { User } from '@halo/shapes/protocol/users.ts';
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
import { Show } from '../ui/states.tsx';
import { UserActions } from './user-actions.tsx';
import { UserSessions } from './user-sessions.tsx';
import { USER_TONES } from './user-tones.ts';

/** One account: its role, its state and its sessions. */
export function UserPage({ id }: { id: string }) {
  const path = `/api/v1/admin/users/${encodeURIComponent(id)}`;
  const user = useApi(path, userSchema);
  const [round, setRound] = useState(0);
  const { data } = user;
  const again = () => {
    user.reload();
    setRound(round + 1);
  };
  return (
    <Page
      title={data?.displayName ?? t.pages.users}
      lead={<Back href={pathOf('users')}>{t.users.back}</Back>}
      actions={data === undefined ? undefined : <UserActions user={data} onDone={again} />}
    >
      <Show of={user}>{(account) => <UserCard user={account} />}</Show>
      {data !== undefined && (
        <Section title={t.users.sessionList}>
          <UserSessions key={round} path={`${path}/sessions`} onEnded={again} />
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
