import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';

/** The part of a row's key that names its table: `"schema"."table"`. */
export function keyPrefix(schema: string, table: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

/** One value of a key: `/"value"` with `/` doubled, `/_` for NULL. */
export function keyPart(value: string | null): string {
  if (value === null) return '/_';
  return `/"${value.includes('/') ? value.replaceAll('/', '//') : value}"`;
}
