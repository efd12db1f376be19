import { sortedTypes, t, typeName } from '../texts/texts.ts';
import { QUICK_TYPES } from './quick-types.ts';
import { MAX_DESCRIPTION } from './report-draft.ts';

const TYPES = sortedTypes();

/** What happened: one of the taxonomy's types, the frequent ones at a single press. */
export function TypeField({
  value,
  error,
  onChange,
}: {
  value: string;
  error: string | undefined;
  onChange: (type: (typeof TYPES)[number]['type']) => void;
}) {
  return (
    <div className="field">
      <label className="field-label" htmlFor="field-type">
        {t.type}
      </label>
      <div className="quick-types" role="group" aria-label={t.life.quickTypes}>
        {QUICK_TYPES.map((type) => (
          <button
            key={type}
            type="button"
            className="quick-type"
            aria-pressed={type === value}
            onClick={() => onChange(type)}
          >
            {typeName(type)}
          </button>
        ))}
      </div>
      <select
        id="field-type"
        className="input"
        value={value}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={error === undefined ? undefined : 'error-type'}
        onChange={(event) => {
          const chosen = TYPES.find(({ type }) => type === event.target.value);
          if (chosen !== undefined) onChange(chosen.type);
        }}
      >
        <option value="" disabled>
          {t.chooseType}
        </option>
        {TYPES.map(({ type, name }) => (
          <option key={type} value={type}>
            {name}
          </option>
        ))}
      </select>
      {error !== undefined && (
        <p className="field-error" id="error-type">
          {error}
        </p>
      )}
    </div>
  );
}

/** What was seen, in the person's own words. */
export function DescriptionField({
  value,
  error,
  onChange,
}: {
  value: string;
  error: string | undefined;
  onChange: (description: string) => void;
}) {
  return (
    <div className="field">
      <label className="field-label" htmlFor="field-description">
        {t.description}
      </label>
      <textarea
        id="field-description"
        className="input"
        rows={4}
        maxLength={MAX_DESCRIPTION}
        value={value}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby="note-description"
        onChange={(event) => onChange(event.target.value)}
      />
      <p className={error === undefined ? 'field-hint' : 'field-error'} id="note-description">
        {error ?? t.descriptionHint}
      </p>
    </div>
  );
}
