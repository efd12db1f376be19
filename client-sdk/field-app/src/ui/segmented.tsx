import { useId } from 'react';
import type { ReactNode } from 'react';

export interface Segment<Value extends string | number> {
  readonly value: Value;
  readonly label: ReactNode;
  /** Class of this segment, where it has a colour of its own. */
  readonly className?: string;
}

/** One choice out of a few, all in sight: a group of radio buttons that looks like one control. */
export function Segmented<Value extends string | number>({
  legend,
  hideLegend = false,
  segments,
  value,
  onChange,
  error,
  errorId,
  id,
  className = '',
}: {
  legend: string;
  hideLegend?: boolean;
  segments: readonly Segment<Value>[];
  value: Value | undefined;
  onChange: (value: Value) => void;
  error?: string | undefined;
  errorId?: string;
  id?: string;
  className?: string;
}) {
  const name = useId();
  return (
    <fieldset
      className={`field segmented-field ${className}`}
      id={id}
      tabIndex={id === undefined ? undefined : -1}
      aria-invalid={error === undefined ? undefined : true}
      aria-describedby={error === undefined ? undefined : errorId}
    >
      <legend className={hideLegend ? 'visually-hidden' : 'field-label'}>{legend}</legend>
      <div className="segmented">
        {segments.map((segment) => (
          <label key={segment.value} className={`segment ${segment.className ?? ''}`}>
            <input
              type="radio"
              name={name}
              value={segment.value}
              checked={segment.value === value}
              onChange={() => onChange(segment.value)}
            />
            <span className="segment-face">{segment.label}</span>
          </label>
        ))}
      </div>
      {error !== undefined && (
        <p className="field-error" id={errorId}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
