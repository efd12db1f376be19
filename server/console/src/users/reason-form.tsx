import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { t } from '../texts/texts.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useAttempt } from '../ui/use-attempt.ts';

/** The contents of a dialog for what an operator does to an account: it asks for the reason, which the audit log keeps. */
export function ReasonForm({
  lead,
  label,
  danger,
  run,
  onDone,
  onClose,
  children,
}: {
  lead: string;
  label: string;
  danger: boolean;
  run: (reason: string) => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
  children?: ReactNode;
}) {
  const { attempt, busy, error } = useAttempt();
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(() => run(reason)).then((done) => {
      if (done) onDone();
    });
  };
  return (
    <form noValidate onSubmit={submit}>
      {lead !== '' && <p className="lead">{lead}</p>}
      {children}
      <TextField
        label={t.users.reason}
        hint={t.users.reasonHint}
        value={reason}
        autoComplete="off"
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      <FormEnd error={error} busy={busy} label={label} danger={danger} onCancel={onClose} />
    </form>
  );
}
