import type { ReactNode } from 'react';

/** How a state is to be taken: well, to be watched, wrong, or of no weight. */
export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'accent';

/** A state in a word; the colour only says it again. */
export function Chip({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`chip chip-${tone}`}>
      <span className="chip-dot" aria-hidden="true" />
      {children}
    </span>
  );
}
