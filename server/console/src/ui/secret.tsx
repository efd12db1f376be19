import { t } from '../texts/texts.ts';
import { Copy } from './copy.tsx';

/** A secret that is shown this once. */
export function Secret({ text, onClose }: { text: string; onClose: () => void }) {
  return (
    <>
      <h3>{t.users.handOver}</h3>
      <p className="lead">{t.users.handOverLead}</p>
      <code className="secret">{text}</code>
      <div className="dialog-actions">
        <Copy text={text} label={t.copy} />
        <button type="button" className="button button-main" onClick={onClose}>
          {t.close}
        </button>
      </div>
    </>
  );
}
