import { useState } from 'react';
import type { OutboxEntry } from '@halo/client';
import { useHalo } from '@halo/client/react';
import { useAppParts } from '../device/session-context.tsx';
import { draftOfRejected } from '../report/report-draft.ts';
import { goTo } from '../shell/route.ts';
import { errorText, t } from '../texts/texts.ts';
import { AskTwice } from '../ui/ask-twice.tsx';
import { useAttempt } from '../ui/use-attempt.ts';
import { Conflict } from './conflict.tsx';
import { mendingOf } from './entry-fields.ts';
import type { EntryField } from './entry-fields.ts';
import { fieldName } from './entry-words.ts';

/** Why the server did not take an entry, and what can be done: mend it and send it again, or throw it away. */
export function RefusedEntry({ entry }: { entry: OutboxEntry }) {
  const halo = useHalo();
  const { preferences } = useAppParts();
  const { error, attempt } = useAttempt();
  const [open, setOpen] = useState(false);
  const mending = mendingOf(entry);
  const resend = (changes: Record<string, unknown>) =>
    void attempt(() => halo.outbox.resend(entry.id, changes));
  const mend = () => {
    switch (mending.by) {
      case 'report_form':
        preferences.setDraft(JSON.stringify(draftOfRejected(entry.id, entry.args)));
        return goTo('report');
      case 'amend_form':
        return goTo('amend', { report: mending.reportId, entry: entry.id });
      case 'fields':
        return setOpen(!open);
      case 'nothing':
        return resend({});
    }
  };
  return (
    <div className="refused">
      <Reason entry={entry} />
      {entry.rejection?.code === 'version_conflict' && (
        <Conflict entry={entry} onKeepMine={() => resend({})} />
      )}
      <div className="report-actions">
        <button
          type="button"
          className="button button-small"
          aria-expanded={mending.by === 'fields' ? open : undefined}
          onClick={mend}
        >
          {mending.by === 'nothing' ? t.queue.resend : t.queue.edit}
        </button>
        <AskTwice
          label={entry.rejection?.code === 'version_conflict' ? t.life.conflictKeepTheirs : t.queue.discard}
          question={t.queue.discardSure}
          yes={t.queue.discardYes}
          no={t.queue.keep}
          onYes={() => void attempt(() => halo.outbox.discard(entry.id))}
        />
      </div>
      {open && mending.by === 'fields' && <MendFields fields={mending.fields} onSend={resend} />}
      <p className="field-error" role="status">
        {error}
      </p>
    </div>
  );
}

/** What the server said: in words, and with the field and the code for whoever is asked for help. */
function Reason({ entry }: { entry: OutboxEntry }) {
  const { code, message, field } = entry.rejection ?? { code: 'unknown', message: '', field: undefined };
  const name = field === undefined ? undefined : (fieldName(field) ?? field);
  return (
    <div className="report-reason">
      <p>{errorText(code, message)}</p>
      <p className="reason-facts">
        {name !== undefined && (
          <span>
            {t.queue.field}: {name}
          </span>
        )}
        <span>
          {t.queue.code}: {code}
        </span>
      </p>
    </div>
  );
}

function MendFields({
  fields,
  onSend,
}: {
  fields: readonly EntryField[];
  onSend: (changes: Record<string, unknown>) => void;
}) {
  const [values, setValues] = useState(() =>
    Object.fromEntries(fields.map(({ name, value }) => [name, value])),
  );
  return (
    <form
      className="mend-fields"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(values);
      }}
    >
      {fields.map(({ name, label, maxLength, long }) => {
        const input = {
          className: 'input',
          maxLength,
          value: values[name] ?? '',
          onChange: ({ target }: { target: { value: string } }) =>
            setValues({ ...values, [name]: target.value }),
        };
        return (
          <label key={name} className="field">
            <span className="field-label field-label-first">{label}</span>
            {long ? <textarea rows={3} {...input} /> : <input {...input} />}
          </label>
        );
      })}
      <button type="submit" className="button button-small">
        {t.queue.resend}
      </button>
    </form>
  );
}
