import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { FeedItemKind } from '../feed.ts';
import { POLISEN_TYPES } from './taxonomy.ts';
import type { RawTypeMeaning } from './taxonomy.ts';

/** What is made of a type of polisen.se. */
export interface Classification {
  readonly kind: FeedItemKind;
  readonly type: IncidentType;
  readonly severity: number;
  /** False when the table lacks the type: worth a look, and counted. */
  readonly known: boolean;
}

const UNKNOWN: RawTypeMeaning = ['incident', 'other', 2];
const SUMMARY: RawTypeMeaning = ['summary', 'other', 1];
const SUMMARY_WORD = 'sammanfattning';

const meanings = new Map(Object.entries(POLISEN_TYPES).map(([rawType, meaning]) => [fold(rawType), meaning]));

/**
 * Classifies a type by the whole of its text, whatever its case and blanks. A type that the table lacks is a
 * summary when its first word says so, means the same as its part before the comma when the table has that
 * ("Rån, grovt" is "Rån"), and else is an incident of type `other`. Parts of words are never looked at:
 * "från" contains no "rån".
 */
export function classify(rawType: string): Classification {
  const folded = fold(rawType);
  const exact = meanings.get(folded);
  const [kind, type, severity] = exact ?? guess(folded);
  return { kind, type, severity, known: exact !== undefined };
}

function guess(folded: string): RawTypeMeaning {
  if (folded.split(' ')[0] === SUMMARY_WORD) return SUMMARY;
  const [beforeComma = ''] = folded.split(',');
  return meanings.get(beforeComma.trim()) ?? UNKNOWN;
}

function fold(rawType: string): string {
  return rawType.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}
