import { useState } from 'react';
import { z } from 'zod';
import type { OutboxEntry } from '@halo/client';
import { useHalo } from '@halo/client/react';
import { useAppParts } from '../device/session-context.tsx';
import { useKept } from '../device/use-kept.ts';
import { draftOfRejected, formOfMending } from '../report/report-draft.ts';
import { goTo } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { AskTwice } from '../ui/ask-twice.tsx';
import { useAttempt } from '../ui/use-attempt.ts';
import { wayBack } from '../ui/way-back.ts';
import { WatchSheet } from '../watches/watch-sheet.tsx';
import { Conflict } from './conflict.tsx';
import { mendingOf } from './entry-fields.ts';
import type { EntryField } from './entry-fields.ts';
import { Reason } from './reason.tsx';

const UNKNOWN = { code: 'unknown', message: '' };

/** Why the server did not take an entry, and what can be done: mend it and send it again, or throw it away. */
export function RefusedEntry({ entry }: { entry: OutboxEntry }) {
  const halo = useHalo();
  const { preferences } = useAppParts();
  const { error, attempt } = useAttempt();
  const mending = mendingOf(entry);
  const form = formOfMending(entry.id);
  // What was begun before a reload stands open again.
  const [open, setOpen] = useState(() => mending.by === 'fields' && preferences.draft(form) !== undefined);
  const resend = async (changes: Record<string, unknown>) => {
    const goBack = wayBack();
    if (!(await attempt(() => halo.outbox.resend(entry.id, changes)))) return;
    preferences.setDraft(form, undefined);
    goBack();
  };
  const discard = async () => {
    const goBack = wayBack();
    if (await attempt(() => halo.outbox.discard(entry.id))) goBack();
  };
  const mend = () => {
    switch (mending.by) {
      case 'report_form':
        // What was begun of it before goes on, and so does what was being reported besides.
        if (preferences.draft(form) === undefined) {
          preferences.setDraft(form, JSON.stringify(draftOfRejected(entry.id, entry.args)));
        }
        return goTo('report', { form });
      case 'amend_form':
        return goTo('amend', { report: mending.reportId, entry: entry.id });
      case 'watch_form':
      case 'fields':
        return setOpen(!open);
      case 'nothing':
        return void resend({});
    }
  };
  return (
    <div className="refused">
      <Reason {...(entry.rejection ?? UNKNOWN)} field={entry.rejection?.field} />
      {entry.rejection?.code === 'version_conflict' && (
        <Conflict entry={entry} onKeepMine={() => void resend({})} />
      )}
      <div className="report-actions">
        <button
          type="button"
          className="button button-small"
          aria-expanded={mending.by === 'fields' ? open : undefined}
          aria-haspopup={mending.by === 'watch_form' ? 'dialog' : undefined}
          onClick={mend}
        >
          {mending.by === 'nothing' ? t.queue.resend : t.queue.edit}
        </button>
        <AskTwice
          label={entry.rejection?.code === 'version_conflict' ? t.life.conflictKeepTheirs : t.queue.discard}
          question={t.queue.discardSure}
          yes={t.queue.discardYes}
          no={t.queue.keep}
          onYes={() => void discard()}
        />
      </div>
      {open && mending.by === 'fields' && (
        <MendFields form={form} fields={mending.fields} onSend={(changes) => void resend(changes)} />
      )}
      {open && mending.by === 'watch_form' && (
        <WatchSheet start={mending.start} onClose={() => setOpen(false)} />
      )}
      <p className="field-error" role="status">
        {error}
      </p>
    </div>
  );
}

const valuesSchema = z.record(z.string(), z.string());

function MendFields({
  form,
  fields,
  onSend,
}: {
  form: string;
  fields: readonly EntryField[];
  onSend: (changes: Record<string, unknown>) => void;
}) {
  const [start] = useState(() => Object.fromEntries(fields.map(({ name, value }) => [name, value])));
  const { value: values, change } = useKept(form, valuesSchema, start);
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
            change((before) => ({ ...before, [name]: target.value })),
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
