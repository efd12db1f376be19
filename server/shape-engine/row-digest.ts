import { createHash } from 'node:crypto';
import { DIGEST_DIGITS, DIGEST_SEPARATOR } from '@halo/shapes/catalog/row-digest.ts';
import type { ShapeColumn } from '@halo/shapes/catalog/shape.ts';
import type { Tuple } from '../change-log/change-log.ts';

/** The part of one row in a digest, as `digestSql` has Postgres compute it; `places` says where the columns stand. */
export function digestOfRow(columns: readonly ShapeColumn[], row: Tuple, places: readonly number[]): bigint {
  const text = columns.map(({ type }, index) => textOf(row[places[index]!] ?? null, type === 'text'));
  const hash = createHash('md5').update(text.join('')).digest('hex');
  return BigInt(`0x${hash.slice(0, DIGEST_DIGITS)}`);
}

/** A digest as it is sent. */
export function digestText(digest: bigint): string {
  return digest.toString(16).padStart(DIGEST_DIGITS, '0');
}

function textOf(value: string | null, hasLength: boolean): string {
  if (!hasLength) return (value ?? '') + DIGEST_SEPARATOR;
  // Postgres counts characters, not UTF-16 units.
  return `${value === null ? '' : [...value].length}:${value ?? ''}${DIGEST_SEPARATOR}`;
}
