import { errorText, t } from '../texts/texts.ts';
import { fieldName } from './entry-words.ts';

/** What the server said: in words, and with the field and the code for whoever is asked for help. */
export function Reason({
  code,
  message,
  field,
}: {
  code: string;
  message: string | undefined;
  field: string | undefined;
}) {
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
