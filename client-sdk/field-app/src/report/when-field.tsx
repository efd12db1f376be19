import { localInputValue } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import type { ReportDraft } from './report-draft.ts';

const CHOICES = [
  { value: 'now' as const, label: t.whenNow },
  { value: 'earlier' as const, label: t.whenEarlier },
];

/** When it happened: just now unless the person says otherwise. */
export function WhenField({
  draft,
  error,
  onChange,
}: {
  draft: ReportDraft;
  error: string | undefined;
  onChange: (changes: Partial<ReportDraft>) => void;
}) {
  const earlier = draft.when === 'earlier';
  return (
    <div className="when-field">
      <Segmented
        id="field-when"
        legend={t.when}
        segments={CHOICES}
        value={draft.when}
        error={error}
        errorId="error-when"
        onChange={(when) =>
          onChange({
            when,
            ...(when === 'earlier' && draft.earlierAt === ''
              ? { earlierAt: localInputValue(new Date()) }
              : {}),
          })
        }
      />
      {earlier && (
        <label className="field">
          <span className="visually-hidden">{t.whenLabel}</span>
          <input
            type="datetime-local"
            className="input"
            value={draft.earlierAt}
            onChange={(event) => onChange({ earlierAt: event.target.value })}
          />
        </label>
      )}
    </div>
  );
}
