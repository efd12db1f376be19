import { count } from '../texts/format.ts';

/** Counts by name, as bars beside their numbers: a list, so that it needs no other form. */
export function BarList({
  label,
  bars,
}: {
  label: string;
  bars: readonly { readonly name: string; readonly value: number }[];
}) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <ul className="bar-list" aria-label={label}>
      {bars.map(({ name, value }) => (
        <li key={name}>
          <span>{name}</span>
          <span className="bar-track" aria-hidden="true">
            <span className="bar-fill" style={{ width: `${(value / most) * 100}%` }} />
          </span>
          <strong className="number">{count(value)}</strong>
        </li>
      ))}
    </ul>
  );
}
