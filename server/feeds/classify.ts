import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { FeedItemKind } from './feed.ts';
import { RAW_TYPES } from './taxonomy.ts';
import type { RawTypeMeaning } from './taxonomy.ts';

/** What is made of a source's type. */
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

const meanings = new Map(Object.entries(RAW_TYPES).map(([rawType, meaning]) => [tokensOf(rawType), meaning]));

/**
 * Classifies a source's type by its tokens, all of them in their order. A type that the table lacks is a
 * summary when its first token says so, means the same as its part before the comma when the table has that
 * ("Rån, grovt" is "Rån"), and else is an incident of type `other`. Parts of words are never looked at:
 * "från" contains no "rån", and "hotell" no "hot".
 */
export function classify(rawType: string): Classification {
  const exact = meanings.get(tokensOf(rawType));
  const [kind, type, severity] = exact ?? guess(rawType);
  return { kind, type, severity, known: exact !== undefined };
}

function guess(rawType: string): RawTypeMeaning {
  if (tokensOf(rawType).split(' ')[0] === SUMMARY_WORD) return SUMMARY;
  const [beforeComma = ''] = rawType.split(',');
  return meanings.get(tokensOf(beforeComma)) ?? UNKNOWN;
}

/** The letters and digits that stand together, in small letters, with one blank between them. */
function tokensOf(text: string): string {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(' ');
}
