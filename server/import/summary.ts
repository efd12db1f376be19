import type { ColumnOf } from '../feeds/register/columns.ts';
import type { ImportResult } from '../feeds/register/import-register.ts';
import { REJECT_REASONS } from '../feeds/register/row.ts';

/** So many types that the taxonomy lacks are named. */
const MAX_TYPES = 20;

/** What an import came to, for whoever gave the command. */
export function summaryOf(
  { tally, isWhole }: ImportResult,
  columnOf: ColumnOf,
  rejects: string,
  seconds: number,
): string {
  const number = (value: number) => value.toLocaleString('en');
  const rejected = [...tally.rejected.values()].reduce((sum, rows) => sum + rows, 0);
  const lines = [
    `${number(tally.rows)} rows in ${seconds.toFixed(1)} s: ${number(tally.added)} added, ${number(tally.changed)} changed, ` +
      `${number(tally.unchanged)} there already, ${number(rejected)} rejected`,
  ];
  for (const [reason, rows] of tally.rejected)
    lines.push(`  ${number(rows)} × ${reason}: ${REJECT_REASONS[reason]}`);
  if (rejected > 0) lines.push(`  They are in ${rejects}; mended there, they can be imported from it.`);
  const types = tally.unknownTypes.list();
  if (types.length > 0)
    lines.push(
      `${number(tally.unknownTypes.total)} rows have a type that the taxonomy lacks, mostly kept as "other":`,
    );
  for (const [type, rows] of types.slice(0, MAX_TYPES)) lines.push(`  ${number(rows)} × ${type}`);
  if (types.length > MAX_TYPES) lines.push(`  and ${types.length - MAX_TYPES} more types`);
  if (columnOf.id === undefined) lines.push('The file has no ids: a row is known by all of its cells.');
  if (columnOf.known_at === undefined)
    lines.push(
      'No column says when an entry was known: to forecasts it is known from now on (--map COLUMN=known_at).',
    );
  if (!isWhole) lines.push('Interrupted. Give the same command again to go on.');
  return `${lines.join('\n')}\n`;
}
