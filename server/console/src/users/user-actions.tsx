import { useState } from 'react';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { passwordResetIssuedSchema } from '@halo/shapes/protocol/users.ts';
import type { User } from '@halo/shapes/protocol/users.ts';
import { useParts } from '../session/session-context.tsx';
import { postJson, send } from '../session/use-api.ts';
import { t } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Secret } from '../ui/secret.tsx';
import { SelectField } from '../ui/text-field.tsx';
import { ReasonForm } from './reason-form.tsx';

type Act = 'role' | 'disable' | 'enable' | 'end' | 'reset' | 'erase';

/** What cannot be taken back, or hurts. */
const DANGEROUS: ReadonlySet<Act> = new Set(['disable', 'end', 'erase']);

/** What leaves service tokens behind that an operator made. */
const ENDS_AN_OPERATOR: ReadonlySet<Act> = new Set(['role', 'disable', 'erase']);

const WORDS: Readonly<
  Record<Act, { readonly label: string; readonly title: string; readonly lead: string }>
> = {
  role: { label: t.users.changeRole, title: t.users.changeRole, lead: '' },
  disable: { label: t.users.disable, title: t.users.disableTitle, lead: t.users.disableBody },
  enable: { label: t.users.enable, title: t.users.enableTitle, lead: t.users.enableBody },
  end: { label: t.users.endSessions, title: t.users.endTitle, lead: t.users.endBody },
  reset: { label: t.users.reset, title: t.users.resetTitle, lead: t.users.resetBody },
  erase: { label: t.users.erase, title: t.users.eraseTitle, lead: t.users.eraseBody },
};

/** What an operator may do to an account; each asks for a reason, which the audit log keeps. */
export function UserActions({ user, onDone }: { user: User; onDone: () => void }) {
  const [act, setAct] = useState<Act>();
  const acts: Act[] = [
    ...(user.kind === 'account' ? (['role'] as const) : []),
    ...(user.kind === 'account' && user.state === 'active' ? (['reset'] as const) : []),
    ...(user.sessions > 0 ? (['end'] as const) : []),
    ...(user.state === 'active' ? (['disable'] as const) : []),
    ...(user.state === 'disabled' ? (['enable'] as const) : []),
    ...(user.state === 'erasing' ? [] : (['erase'] as const)),
  ];
  return (
    <>
      {acts.map((each) => (
        <button
          key={each}
          type="button"
          className={each === 'disable' || each === 'erase' ? 'button button-danger-quiet' : 'button'}
          onClick={() => setAct(each)}
        >
          {WORDS[each].label}
        </button>
      ))}
      {act !== undefined && (
        <Dialog title={WORDS[act].title} onClose={() => setAct(undefined)}>
          <ActForm user={user} act={act} onDone={onDone} onClose={() => setAct(undefined)} />
        </Dialog>
      )}
    </>
  );
}

function ActForm({
  user,
  act,
  onDone,
  onClose,
}: {
  user: User;
  act: Act;
  onDone: () => void;
  onClose: () => void;
}) {
  const { session } = useParts();
  const [role, setRole] = useState<string>(user.role);
  const [revokes, setRevokes] = useState(false);
  const [token, setToken] = useState<string>();
  if (token !== undefined) return <Secret text={token} onClose={onClose} />;
  const path = `/api/v1/admin/users/${user.id}`;
  const tokens = revokes ? { revokeServiceTokens: true } : {};
  const run: Record<Act, (reason: string) => Promise<unknown>> = {
    role: (reason) => send(session, 'PATCH', path, { role, reason, ...tokens }),
    disable: (reason) => send(session, 'PATCH', path, { state: 'disabled', reason, ...tokens }),
    enable: (reason) => send(session, 'PATCH', path, { state: 'active', reason }),
    end: (reason) => send(session, 'DELETE', `${path}/sessions`, { reason }),
    erase: (reason) => send(session, 'DELETE', path, { reason, ...tokens }),
    reset: async (reason) => {
      const issued = await postJson(session, `${path}/password-reset`, { reason }, passwordResetIssuedSchema);
      setToken(issued.token);
    },
  };
  const done = () => {
    onDone();
    if (act !== 'reset') onClose();
  };
  const { lead, label } = WORDS[act];
  return (
    <ReasonForm {...{ lead, label, onClose }} danger={DANGEROUS.has(act)} run={run[act]} onDone={done}>
      {act === 'role' && (
        <SelectField
          label={t.users.role}
          value={role}
          options={ROLES.map((each) => ({ value: each, label: t.roles[each] }))}
          onChange={setRole}
        />
      )}
      {user.serviceTokens > 0 && ENDS_AN_OPERATOR.has(act) && (
        <label className="check">
          <input type="checkbox" checked={revokes} onChange={() => setRevokes(!revokes)} />
          {t.users.revokeTokens(user.serviceTokens)}
        </label>
      )}
    </ReasonForm>
  );
}
