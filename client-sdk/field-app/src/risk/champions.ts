import type { Halo } from '@halo/client';
import { championsSchema } from '@halo/shapes/protocol/predictions.ts';
import type { Champions } from '@halo/shapes/protocol/predictions.ts';
import { z } from 'zod';
import { verdictOf } from '../quality/verdict.ts';
import type { Verdict } from '../quality/verdict.ts';

const ROUTE = '/api/v1/predictions/model';

/** Who speaks for each series, as the server said it last. */
export interface KeptChampions {
  /** When it said so, by this device's clock. */
  readonly at: Date;
  readonly answer: Champions;
}

const keptSchema = z.object({ at: z.iso.datetime(), answer: championsSchema });

/** What was kept; undefined where that is nothing, damaged or another version's. */
export function readChampions(text: string | undefined): KeptChampions | undefined {
  if (text === undefined) return undefined;
  try {
    const { at, answer } = keptSchema.parse(JSON.parse(text));
    return { at: new Date(at), answer };
  } catch {
    return undefined;
  }
}

/** What is kept of an answer, as text. */
export function championsText({ at, answer }: KeptChampions): string {
  return JSON.stringify({ at: at.toISOString(), answer });
}

/**
 * Asks the server who speaks for each series and how that came out in its test. Rejects where it cannot be reached, refuses,
 * or answers something else.
 */
export async function askChampions(halo: Pick<Halo, 'request'>, now: () => number): Promise<KeptChampions> {
  const answer = championsSchema.parse(await halo.request('GET', ROUTE));
  return { at: new Date(now()), answer };
}

/** Who made a forecast of all types together, and what that series comes to. */
export type Speaker =
  { readonly is: 'trained' | 'pinned' | 'unknown' } | { readonly is: 'baseline'; readonly verdict: Verdict };

/** What is known of who made a forecast of all types together. */
export function speakerOf(answer: Champions | undefined, modelId: string, placeKind: string): Speaker {
  const series = answer?.series.find((one) => one.placeKind === placeKind && one.category === 'all');
  if (series?.champion.id !== modelId) return { is: 'unknown' };
  const { kind, decision } = series.champion;
  if (kind === 'baseline') return { is: 'baseline', verdict: verdictOf(series) };
  return { is: decision === 'promoted' ? 'trained' : 'pinned' };
}
