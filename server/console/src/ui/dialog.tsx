import { useId, useLayoutEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { t } from '../texts/texts.ts';
import { Icon } from './icon.tsx';
import { useAttempt } from './use-attempt.ts';

/** A modal card. The browser's own dialog keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Closed while it still stands in the page: a dialog that is taken away open gives the focus back to nobody.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="icon-button" aria-label={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}

/** A button for what has consequences: it asks first, and says what went wrong where one is looking. */
export function Confirmed({
  label,
  title,
  lead,
  yes,
  danger = false,
  disabled = false,
  open,
  onOpen,
  action,
}: {
  label: string;
  title: string;
  lead: ReactNode;
  yes: string;
  danger?: boolean;
  disabled?: boolean;
  open: boolean;
  onOpen: (open: boolean) => void;
  action: () => Promise<unknown>;
}) {
  const { attempt, busy, error, clear } = useAttempt();
  const close = () => {
    clear();
    onOpen(false);
  };
  return (
    <>
      <button
        type="button"
        className={danger ? 'button button-danger-quiet' : 'button'}
        disabled={disabled}
        onClick={() => onOpen(true)}
      >
        {label}
      </button>
      {open && (
        <Dialog title={title} onClose={close}>
          <p>{lead}</p>
          <p className="form-error" role="alert">
            {error}
          </p>
          <div className="dialog-actions">
            <button type="button" className="button" onClick={close}>
              {t.cancel}
            </button>
            <button
              type="button"
              className={danger ? 'button button-danger' : 'button button-main'}
              aria-disabled={busy}
              onClick={() => void attempt(action).then((done) => done && close())}
            >
              {busy ? t.working : yes}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
