import { useRef, useState } from 'react';
import type { OutboxEntry } from '@halo/client';
import { useHalo } from '@halo/client/react';
import { useKept } from '../device/use-kept.ts';
import { useMyReport } from '../reports/use-my-reports.ts';
import type { MyReportRow } from '../reports/report-item.ts';
import { goTo, hashOf, useRouteParam } from '../shell/route.ts';
import { errorText, t } from '../texts/texts.ts';
import { Skeletons } from '../ui/skeletons.tsx';
import { changesOf, draftOfReport } from './amend-draft.ts';
import { amendSchema } from './amend-kept.ts';
import type { KeptAmend } from './amend-kept.ts';
import { DraftFields, errorSummary, focusField } from './draft-fields.tsx';
import { DRAFT_FIELDS, fieldOf } from './report-draft.ts';
import type { DraftErrors, DraftField, ReportDraft } from './report-draft.ts';

/** The form that changes one's own report, or mends a change of it that was rejected. */
export function AmendView() {
  const reportId = useRouteParam('report') ?? '';
  const entryId = useRouteParam('entry');
  const { item, rejected, isKnown } = useMyReport(reportId);
  const row = item?.row;
  const refused = rejected.find(({ id }) => id === entryId);
  if (!isKnown) {
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
  const before = (refused?.args as { changes?: object } | undefined)?.changes;
  const [start] = useState<KeptAmend>(() => ({ said: row, draft: draftOfReport(row, before) }));
  const name = `amend ${row.id} ${refused?.id ?? ''}`;
  const { value, change, forget, isBegun } = useKept<KeptAmend>(name, amendSchema, start);
  const { said, draft } = value;
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
      if (refused === undefined) await halo.amendReport(row.id, found.changes, seen);
      else await halo.outbox.resend(refused.id, { ...found.changes, ...seen });
      forget();
      goTo('mine', { report: row.id });
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
    change((kept) => ({ said: kept.said, draft: { ...kept.draft, ...changes } }));
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
      <WaysBack reportId={row.id} isBegun={isBegun} onForget={forget} />
    </form>
  );
}

function WaysBack({
  reportId,
  isBegun,
  onForget,
}: {
  reportId: string;
  isBegun: boolean;
  onForget: () => void;
}) {
  return (
    <>
      {isBegun && (
        <button type="button" className="link" onClick={onForget}>
          {t.startOver}
        </button>
      )}
      <a className="link" href={hashOf('mine', { report: reportId })} onClick={onForget}>
        {t.cancel}
      </a>
    </>
  );
}
