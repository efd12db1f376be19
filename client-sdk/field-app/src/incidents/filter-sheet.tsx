import { useId } from 'react';
import type { ReactNode } from 'react';
import { severityName, sortedTypes, t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { choose, useChoice } from './filter-store.ts';
import { DEFAULT_FILTERS, STATUS_CHOICES, VERIFICATION_CHOICES } from './filters.ts';
import type { Filters } from './filters.ts';
import { SortChoice } from './sort-choice.tsx';
import { verificationName } from './incident.ts';

const words = t.incidentsView;
const TYPES = sortedTypes();

/** All filters; each shows its effect behind the sheet at once, and in the number on the button. */
export function FilterSheet({ total, onClose }: { total: number; onClose: () => void }) {
  const { filters } = useChoice();
  const change = (changes: Partial<Filters>) => choose({ filters: { ...filters, ...changes } });
  return (
    <Sheet title={words.filters} onClose={onClose}>
      <SortChoice />
      <Select
        label={words.type}
        value={filters.type ?? ''}
        onChange={(type) => change({ type: type || undefined })}
      >
        <option value="">{words.anyType}</option>
        {TYPES.map(({ type, name }) => (
          <option key={type} value={type}>
            {name}
          </option>
        ))}
      </Select>
      <Select
        label={words.minSeverity}
        value={String(filters.minSeverity)}
        onChange={(severity) => change({ minSeverity: Number(severity) })}
      >
        {[1, 2, 3, 4, 5].map((severity) => (
          <option key={severity} value={severity}>
            {`${severity} · ${severityName(severity)}`}
          </option>
        ))}
      </Select>
      <Segmented
        legend={words.status}
        segments={STATUS_CHOICES.map((value) => ({ value, label: words.statuses[value] }))}
        value={filters.status}
        onChange={(status) => change({ status })}
      />
      <Select
        label={words.verification}
        value={filters.verification}
        onChange={(state) =>
          change({ verification: VERIFICATION_CHOICES.find((choice) => choice === state) ?? 'any' })
        }
      >
        {VERIFICATION_CHOICES.map((state) => (
          <option key={state} value={state}>
            {state === 'any' ? words.anyVerification : verificationName(state)}
          </option>
        ))}
      </Select>
      <label className="check">
        <input
          type="checkbox"
          checked={filters.official}
          onChange={({ target }) => change({ official: target.checked })}
        />
        {words.official}
      </label>
      <button type="button" className="button button-main" onClick={onClose}>
        {words.done(total)}
      </button>
      <button
        type="button"
        className="button button-quiet"
        onClick={() => choose({ filters: { ...DEFAULT_FILTERS, period: filters.period } })}
      >
        {words.reset}
      </button>
    </Sheet>
  );
}

function Select({
  label,
  value,
  onChange,
  children,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <select className="input" id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {children}
      </select>
    </div>
  );
}
