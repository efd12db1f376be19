import { t } from '../texts/texts.ts';
import { DEFAULT_RANGE, RANGE_NAMES } from './history.ts';
import type { Range } from './history.ts';

/** Chooses how far back the charts go. */
export function RangeChoice({
  range,
  onChange,
}: {
  range: Range;
  onChange: (range: Range | undefined) => void;
}) {
  return (
    <div className="segments" role="group" aria-label={t.overview.range}>
      {RANGE_NAMES.map((name) => (
        <button
          key={name}
          type="button"
          className="segment"
          aria-pressed={name === range}
          onClick={() => onChange(name === DEFAULT_RANGE ? undefined : name)}
        >
          {t.overview.ranges[name]}
        </button>
      ))}
    </div>
  );
}
