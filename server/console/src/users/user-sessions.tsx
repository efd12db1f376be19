import { useState } from 'react';
import { sessionListSchema } from '@halo/shapes/protocol/users.ts';
import type { Session } from '@halo/shapes/protocol/users.ts';
import { useParts } from '../session/session-context.tsx';
import { send, useApi } from '../session/use-api.ts';
import { t } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Empty, Show } from '../ui/states.tsx';
import { Table } from '../ui/table.tsx';
import type { Column } from '../ui/table.tsx';
import { ReasonForm } from './reason-form.tsx';

const COLUMNS: readonly Column<Session>[] = [
  { key: 'used', head: t.users.used, cell: ({ lastUsedAt }) => <Age at={lastUsedAt} /> },
  { key: 'app', head: t.users.app, cell: ({ app }) => app ?? '–' },
  { key: 'browser', head: t.users.browser, cell: ({ userAgent }) => userAgent ?? '–' },
  { key: 'created', head: t.users.created, cell: ({ createdAt }) => <Age at={createdAt} /> },
  { key: 'expires', head: t.users.expires, cell: ({ expiresAt }) => <Age at={expiresAt} /> },
];

/** The sessions of an account that hold, each of which can be ended by itself. `path` is where they are. */
export function UserSessions({ path, onEnded }: { path: string; onEnded: () => void }) {
  const { session } = useParts();
  const loaded = useApi(path, sessionListSchema);
  const [ending, setEnding] = useState<Session>();
  const columns: readonly Column<Session>[] = [
    ...COLUMNS,
    {
      key: 'end',
      head: t.users.endOne,
      cell: (each) => (
        <button type="button" className="button button-small" onClick={() => setEnding(each)}>
          {t.users.endOne}
        </button>
      ),
    },
  ];
  return (
    <>
      <Show of={loaded}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Empty title={t.users.noSessions} />
          ) : (
            <Table label={t.users.sessionList} columns={columns} rows={sessions} keyOf={({ id }) => id} />
          )
        }
      </Show>
      {ending !== undefined && (
        <Dialog title={t.users.endOneTitle} onClose={() => setEnding(undefined)}>
          <ReasonForm
            lead={t.users.endOneBody}
            label={t.users.endOne}
            danger
            run={(reason) => send(session, 'DELETE', `${path}/${ending.id}`, { reason })}
            onDone={() => {
              setEnding(undefined);
              onEnded();
            }}
            onClose={() => setEnding(undefined)}
          />
        </Dialog>
      )}
    </>
  );
}
