import type { ReactNode } from 'react';
import { Link } from '../routing/navigation.tsx';
import { Chip } from '../ui/chip.tsx';
import type { Tone } from '../ui/chip.tsx';

/** One part of the whole at a glance: its state in a word, its number, and since when; it leads to its page. */
export function Tile({
  title,
  href,
  tone,
  state,
  value,
  children,
}: {
  title: string;
  href: string;
  tone: Tone;
  state: string;
  value: ReactNode;
  children: ReactNode;
}) {
  return (
    <article className="tile">
      <header className="tile-head">
        <h2>
          <Link href={href}>{title}</Link>
        </h2>
        <Chip tone={tone}>{state}</Chip>
      </header>
      <p className="tile-value">{value}</p>
      <p className="tile-lead">{children}</p>
    </article>
  );
}
