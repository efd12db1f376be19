import { useEffect, useId, useState } from 'react';
import { t } from '../texts/texts.ts';

/** How long one stops typing before it is searched, in milliseconds. */
const TYPED_FOR_MS = 250;

/** One choice out of some; the first is none of them. */
export function SelectFilter({
  label,
  value,
  options,
  none = t.all,
  wide = false,
  onChange,
}: {
  label: string;
  value: string | undefined;
  options: readonly { readonly value: string; readonly label: string }[];
  /** Words for no choice. */
  none?: string;
  wide?: boolean;
  onChange: (value: string | undefined) => void;
}) {
  const id = useId();
  // What a link names stays chosen, also where no row has it now.
  const isKnown = value === undefined || options.some((option) => option.value === value);
  return (
    <div className={wide ? 'filter filter-wide' : 'filter'}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      >
        <option value="">{none}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Words to search for; told on when one has stopped typing. */
export function SearchFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => {
    if (typed === (value ?? '')) return;
    const timer = setTimeout(() => onChange(typed === '' ? undefined : typed), TYPED_FOR_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <div className="filter filter-wide">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="search"
        className="input"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}

/** Options out of words by value. */
export function optionsOf(
  words: Readonly<Record<string, string>>,
): readonly { readonly value: string; readonly label: string }[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}
