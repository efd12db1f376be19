import { useState } from 'react';
import { invitationListSchema } from '@halo/shapes/protocol/users.ts';
import type { Invitation, InvitationState } from '@halo/shapes/protocol/users.ts';
import type { z } from 'zod';
import { useParts } from '../session/session-context.tsx';
import { send } from '../session/use-api.ts';
import { usePages } from '../session/use-pages.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Tone } from '../ui/chip.tsx';
import { Confirmed } from '../ui/dialog.tsx';
import { PageList } from '../ui/page-list.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';

const TONES: Record<InvitationState, Tone> = {
  open: 'accent',
  accepted: 'good',
  revoked: 'idle',
  expired: 'idle',
};
const invitationsOf = (page: z.infer<typeof invitationListSchema>) => page.invitations;

/** Who was invited, and what became of it. */
export function Invitations() {
  const pages = usePages('/api/v1/admin/invitations', invitationListSchema, invitationsOf);
  return (
    <PageList of={pages} empty={<Empty title={t.users.noInvitations} />}>
      {(invitations) => (
        <Table
          label={t.users.invitations}
          columns={[
            { key: 'email', head: t.users.email, cell: ({ email }) => email },
            { key: 'role', head: t.users.role, cell: ({ role }) => t.roles[role] },
            {
              key: 'state',
              head: t.users.state,
              cell: ({ state }) => (
                <Chip tone={TONES[state]}>{wordFor(t.users.invitationStates, state)}</Chip>
              ),
            },
            { key: 'created', head: t.users.created, cell: ({ createdAt }) => <Age at={createdAt} /> },
            { key: 'expires', head: t.users.expires, cell: ({ expiresAt }) => <Age at={expiresAt} /> },
            {
              key: 'revoke',
              head: t.users.revoke,
              cell: (invitation) =>
                invitation.state === 'open' ? <Revoke invitation={invitation} onDone={pages.reload} /> : '–',
            },
          ]}
          rows={invitations}
          keyOf={({ id }) => id}
        />
      )}
    </PageList>
  );
}

function Revoke({ invitation: { id }, onDone }: { invitation: Invitation; onDone: () => void }) {
  const { session } = useParts();
  const [isOpen, setOpen] = useState(false);
  const revoke = async () => {
    await send(session, 'DELETE', `/api/v1/admin/invitations/${id}`);
    onDone();
  };
  return (
    <Confirmed
      label={t.users.revoke}
      title={t.users.revokeTitle}
      lead={t.users.revokeBody}
      yes={t.users.revoke}
      danger
      open={isOpen}
      onOpen={setOpen}
      action={revoke}
    />
  );
}
