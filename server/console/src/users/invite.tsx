import { useState } from 'react';
import type { FormEvent } from 'react';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import { INVITATION_DAYS, invitedSchema } from '@halo/shapes/protocol/users.ts';
import { useParts } from '../session/session-context.tsx';
import { postJson } from '../session/use-api.ts';
import { t } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { Secret } from '../ui/secret.tsx';
import { SelectField, TextField } from '../ui/text-field.tsx';
import { useAttempt } from '../ui/use-attempt.ts';

/** A way to invite somebody; the secret is shown once, to be handed over. */
export function Invite({ onMade }: { onMade: () => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button button-main" onClick={() => setOpen(true)}>
        {t.users.invite}
      </button>
      {isOpen && (
        <Dialog title={t.users.inviteTitle} onClose={() => setOpen(false)}>
          <InviteForm onMade={onMade} onClose={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

function InviteForm({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { session } = useParts();
  const { attempt, busy, error, fault } = useAttempt();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string>('officer');
  const [days, setDays] = useState(String(INVITATION_DAYS.default));
  const [token, setToken] = useState<string>();
  if (token !== undefined) return <Secret text={token} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const body = { email, role, expiresInDays: Number(days) };
      setToken((await postJson(session, '/api/v1/admin/invitations', body, invitedSchema)).token);
      onMade();
    });
  };
  const errorOf = (field: string) => (fault?.field === field ? error : undefined);
  return (
    <form noValidate onSubmit={submit}>
      <p className="lead">{t.users.inviteLead}</p>
      <TextField
        label={t.users.email}
        type="email"
        autoComplete="off"
        value={email}
        error={errorOf('email')}
        onChange={(event) => setEmail(event.target.value)}
      />
      <SelectField
        label={t.users.role}
        value={role}
        options={ROLES.map((each) => ({ value: each, label: t.roles[each] }))}
        onChange={setRole}
      />
      <TextField
        label={t.users.days}
        type="number"
        min={1}
        max={INVITATION_DAYS.max}
        value={days}
        error={errorOf('expiresInDays')}
        onChange={(event) => setDays(event.target.value)}
      />
      <FormEnd
        error={fault?.field === undefined ? error : undefined}
        busy={busy}
        label={t.users.makeInvitation}
        onCancel={onClose}
      />
    </form>
  );
}
