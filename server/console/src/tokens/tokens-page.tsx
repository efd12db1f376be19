import { useState } from 'react';
import { serviceTokenListSchema } from '@halo/shapes/protocol/service-tokens.ts';
import type { ServiceToken } from '@halo/shapes/protocol/service-tokens.ts';
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
import { Page } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import { MakeToken } from './make-token.tsx';

const TONES: Record<ServiceToken['state'], Tone> = { active: 'good', expired: 'idle', revoked: 'idle' };
const tokensOf = (page: z.infer<typeof serviceTokenListSchema>) => page.serviceTokens;

/** Secrets for programs. */
export function TokensPage() {
  const pages = usePages('/api/v1/admin/service-tokens', serviceTokenListSchema, tokensOf);
  return (
    <Page title={t.pages.tokens} lead={t.tokens.lead} actions={<MakeToken onMade={pages.reload} />}>
      <div className="card">
        <PageList of={pages} empty={<Empty title={t.tokens.none}>{t.tokens.noneLead}</Empty>}>
          {(tokens) => (
            <Table
              label={t.tokens.table}
              columns={[
                { key: 'name', head: t.tokens.name, cell: ({ name }) => name },
                {
                  key: 'scopes',
                  head: t.tokens.scopes,
                  cell: ({ scopes }) => scopes.map((scope) => wordFor(t.tokens.scopeWords, scope)).join(', '),
                },
                {
                  key: 'state',
                  head: t.tokens.state,
                  cell: ({ state, orphaned }) => (
                    <>
                      <Chip tone={TONES[state]}>{wordFor(t.tokens.states, state)}</Chip>
                      {orphaned && <Chip tone="warn">{t.tokens.orphaned}</Chip>}
                    </>
                  ),
                },
                { key: 'used', head: t.tokens.used, cell: ({ lastUsedAt }) => <Age at={lastUsedAt} /> },
                { key: 'created', head: t.tokens.created, cell: ({ createdAt }) => <Age at={createdAt} /> },
                { key: 'expires', head: t.tokens.expires, cell: ({ expiresAt }) => <Age at={expiresAt} /> },
                {
                  key: 'revoke',
                  head: t.tokens.revoke,
                  cell: (token) =>
                    token.state === 'active' ? <Revoke token={token} onDone={pages.reload} /> : '–',
                },
              ]}
              rows={tokens}
              keyOf={({ id }) => id}
            />
          )}
        </PageList>
      </div>
    </Page>
  );
}

function Revoke({ token: { id }, onDone }: { token: ServiceToken; onDone: () => void }) {
  const { session } = useParts();
  const [isOpen, setOpen] = useState(false);
  const revoke = async () => {
    await send(session, 'DELETE', `/api/v1/admin/service-tokens/${id}`);
    onDone();
  };
  return (
    <Confirmed
      label={t.tokens.revoke}
      title={t.tokens.revokeTitle}
      lead={t.tokens.revokeBody}
      yes={t.tokens.revoke}
      danger
      open={isOpen}
      onOpen={setOpen}
      action={revoke}
    />
  );
}
