import type { modelDetailSchema } from '@halo/shapes/protocol/predictions.ts';
import type { z } from 'zod';
import { textOf } from '../sync/rows.ts';
import type { ShapeRow } from '../sync/rows.ts';
import { t, wordFor } from '../texts/texts.ts';
import type { Tone } from '../ui/chip.tsx';

/** A model with who speaks for its series. */
export type ModelDetail = z.infer<typeof modelDetailSchema>;

/** A model in the list, as the shape `models` has it. */
export interface ModelRow {
  readonly id: string;
  readonly placeKind: string;
  readonly category: string;
  readonly kind: string;
  readonly decision: string;
  readonly reason: string;
  readonly trainedAtMs: number;
  readonly cutOffMs: number;
  readonly isUnusable: boolean;
}

/** Models out of rows, the newest first. */
export function modelsOf(rows: readonly ShapeRow[]): ModelRow[] {
  return rows
    .map((row) => ({
      id: textOf(row['id']),
      placeKind: textOf(row['place_kind']),
      category: textOf(row['category']),
      kind: textOf(row['kind']),
      decision: textOf(row['decision']),
      reason: textOf(row['reason']),
      trainedAtMs: Number(row['trained_at']),
      cutOffMs: Number(row['cut_off']),
      isUnusable: row['unusable_at'] !== null,
    }))
    .sort((a, b) => b.trainedAtMs - a.trainedAtMs);
}

const TONES: Readonly<Record<string, Tone>> = {
  promoted: 'good',
  kept: 'idle',
  baseline: 'idle',
  failed: 'bad',
};

/** How the gate's decision is to be taken: that a model was kept out is nothing wrong. */
export function decisionTone(decision: string): Tone {
  return TONES[decision] ?? 'idle';
}

/** A series in words. */
export function seriesName(placeKind: string, category: string): string {
  return t.models.seriesOf(wordFor(t.models.places, placeKind), wordFor(t.models.categories, category));
}
