import { useRef, useState } from 'react';
import type { OutboxEntry } from '@halo/client';
import { useHalo, useLive, useStatus } from '@halo/client/react';
import { MAX_ENTRIES, useOutboxPage } from '../queue/use-outbox-page.ts';
import { aboutReports } from '../reports/report-entries.ts';
import { MY_REPORTS_SQL } from '../reports/report-item.ts';
import type { MyReportRow } from '../reports/report-item.ts';
import { goTo, hashOf, useRouteParam } from '../shell/route.ts';
import { errorText, t } from '../texts/texts.ts';
import { Skeletons } from '../ui/skeletons.tsx';
import { changesOf, draftOfReport } from './amend-draft.ts';
import { DraftFields, errorSummary, focusField } from './draft-fields.tsx';
import { DRAFT_FIELDS, fieldOf } from './report-draft.ts';
import type { DraftErrors, DraftField, ReportDraft } from './report-draft.ts';

const ONE_SQL = `${MY_REPORTS_SQL} WHERE r.id::text = $1`;

/** The form that changes one's own report, or mends a change of it that was rejected. */
export function AmendView() {
  const reportId = useRouteParam('report') ?? '';
  const entryId = useRouteParam('entry');
  const rows = useLive<MyReportRow>(ONE_SQL, [reportId]);
  const entries = useOutboxPage(MAX_ENTRIES, 0);
  const { replica } = useStatus();
  const row = rows?.[0];
  const about = aboutReports(entries ?? []).changes.get(reportId) ?? [];
  const refused = about.find(({ id }) => id === entryId);
  const loading = entries === undefined || (rows === undefined && replica.state !== 'unavailable');
  if (loading) {
    return (
      <section className="page">
        <h1>{t.life.amendTitle}</h1>
        <Skeletons rows={3} />
      </section>
    );
  }
  const gone = row === undefined || row.status === 'withdrawn' || (entryId !== undefined && !refused);
  if (gone) {
    return (
      <section className="page">
        <h1>{t.life.amendTitle}</h1>
        <div className="empty">
          <p>{t.life.gone}</p>
          <a className="button button-main" href={hashOf('mine')}>
            {t.life.backToMine}
          </a>
        </div>
      </section>
    );
  }
  return <AmendForm key={`${reportId} ${entryId}`} row={row} refused={refused} />;
}

function AmendForm({ row, refused }: { row: MyReportRow; refused: OutboxEntry | undefined }) {
  const halo = useHalo();
  // What the person had before him is what his change is compared with, whatever comes in meanwhile.
  const [said] = useState(row);
  const before = (refused?.args as { changes?: object } | undefined)?.changes;
  const [draft, setDraft] = useState(() => draftOfReport(said, before));
  const [errors, setErrors] = useState<DraftErrors>({});
  const [formError, setFormError] = useState<string>();
  const [saving, setSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const refuse = (wrong: DraftErrors) => {
    setErrors(wrong);
    const first = DRAFT_FIELDS.find((field) => wrong[field] !== undefined);
    if (first !== undefined) focusField(form.current, first);
  };
  const save = async () => {
    const found = changesOf(said, draft, Date.now(), Object.keys(before ?? {}));
    setFormError(undefined);
    if ('errors' in found) return refuse(found.errors);
    setErrors({});
    if (found.changes === undefined) return setFormError(t.life.nothingChanged);
    // With a change in the queue before this one, the queue is what was seen.
    const seen =
      said.sync_state === 'synced' && said.version !== null ? { version: said.version } : undefined;
    setSaving(true);
    try {
      if (refused === undefined) await halo.amendReport(said.id, found.changes, seen);
      else await halo.outbox.resend(refused.id, { ...found.changes, ...seen });
      goTo('mine', { report: said.id });
    } catch (fault) {
      const { code, message, field } = fault as { code?: string; message?: string; field?: string };
      const words = t.saveFailed(errorText(code ?? 'unknown', message));
      const wrong = fieldOf(field);
      if (wrong === undefined) setFormError(words);
      else refuse({ [wrong]: words });
    } finally {
      setSaving(false);
    }
  };
  const edit = (field: DraftField, changes: Partial<ReportDraft>) => {
    const { [field]: _mended, ...others } = errors;
    setErrors(others);
    setDraft({ ...draft, ...changes });
  };
  return (
    <form
      ref={form}
      className="page report-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving) void save();
      }}
    >
      <h1>{t.life.amendTitle}</h1>
      <DraftFields draft={draft} errors={errors} onEdit={edit} />
      <div className="form-end">
        <p className="form-error" role="alert">
          {formError ?? errorSummary(errors)}
        </p>
        <button type="submit" className="button button-main" aria-disabled={saving}>
          {saving ? t.saving : refused === undefined ? t.life.saveChange : t.resend}
        </button>
      </div>
      <a className="link" href={hashOf('mine', { report: said.id })}>
        {t.cancel}
      </a>
    </form>
  );
}
