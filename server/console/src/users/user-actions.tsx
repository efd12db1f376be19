import { useState } from 'react';
import type { FormEvent } from 'react';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { passwordResetIssuedSchema } from '@halo/shapes/protocol/users.ts';
import type { User } from '@halo/shapes/protocol/users.ts';
import { useParts } from '../session/session-context.tsx';
import { postJson, send } from '../session/use-api.ts';
import { t } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { Secret } from '../ui/secret.tsx';
import { SelectField, TextField } from '../ui/text-field.tsx';
import { useAttempt } from '../ui/use-attempt.ts';

type Act = 'role' | 'disable' | 'enable' | 'end' | 'reset';

const WORDS: Readonly<
  Record<Act, { readonly label: string; readonly title: string; readonly lead: string }>
> = {
  role: { label: t.users.changeRole, title: t.users.changeRole, lead: '' },
  disable: { label: t.users.disable, title: t.users.disableTitle, lead: t.users.disableBody },
  enable: { label: t.users.enable, title: t.users.enableTitle, lead: t.users.enableBody },
  end: { label: t.users.endSessions, title: t.users.endTitle, lead: t.users.endBody },
  reset: { label: t.users.reset, title: t.users.resetTitle, lead: t.users.resetBody },
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
  ];
  return (
    <>
      {acts.map((each) => (
        <button
          key={each}
          type="button"
          className={each === 'disable' ? 'button button-danger-quiet' : 'button'}
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
  const { attempt, busy, error } = useAttempt();
  const [role, setRole] = useState<string>(user.role);
  const [reason, setReason] = useState('');
  const [token, setToken] = useState<string>();
  if (token !== undefined) return <Secret text={token} onClose={onClose} />;
  const path = `/api/v1/admin/users/${user.id}`;
  const run: Record<Act, () => Promise<unknown>> = {
    role: () => send(session, 'PATCH', path, { role, reason }),
    disable: () => send(session, 'PATCH', path, { state: 'disabled', reason }),
    enable: () => send(session, 'PATCH', path, { state: 'active', reason }),
    end: () => send(session, 'DELETE', `${path}/sessions`, { reason }),
    reset: async () => {
      const issued = await postJson(session, `${path}/password-reset`, { reason }, passwordResetIssuedSchema);
      setToken(issued.token);
    },
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(run[act]).then((done) => {
      if (!done) return;
      onDone();
      if (act !== 'reset') onClose();
    });
  };
  return (
    <form noValidate onSubmit={submit}>
      {WORDS[act].lead !== '' && <p className="lead">{WORDS[act].lead}</p>}
      {act === 'role' && (
        <SelectField
          label={t.users.role}
          value={role}
          options={ROLES.map((each) => ({ value: each, label: t.roles[each] }))}
          onChange={setRole}
        />
      )}
      <TextField
        label={t.users.reason}
        hint={t.users.reasonHint}
        value={reason}
        autoComplete="off"
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      <FormEnd
        error={error}
        busy={busy}
        label={WORDS[act].label}
        danger={act === 'disable' || act === 'end'}
        onCancel={onClose}
      />
    </form>
  );
}
