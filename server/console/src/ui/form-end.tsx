import { t } from '../texts/texts.ts';

/** The end of a form in a dialog: what went wrong, the way back, and the deed. */
export function FormEnd({
  error,
  busy,
  label,
  danger = false,
  onCancel,
}: {
  error: string | undefined;
  busy: boolean;
  label: string;
  danger?: boolean;
  onCancel: () => void;
}) {
  return (
    <>
      <p className="form-error" role="alert">
        {error}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {t.cancel}
        </button>
        <button
          type="submit"
          className={danger ? 'button button-danger' : 'button button-main'}
          aria-disabled={busy}
        >
          {busy ? t.working : label}
        </button>
      </div>
    </>
  );
}
