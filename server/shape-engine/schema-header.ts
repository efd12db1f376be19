import type { TableColumn } from './table-schema.ts';

/** JSON of the `electric-schema` header for these columns. */
export function schemaHeader(columns: readonly TableColumn[]): string {
  const entries = columns.map((column) => [column.name, entryOf(column)] as const);
  // Header values are Latin-1: whatever is not ASCII is escaped.
  return JSON.stringify(Object.fromEntries(entries)).replace(/[\u007f-\uffff]/g, escapeUnicode);
}

function entryOf(column: TableColumn) {
  const isArray = column.typeName.startsWith('_');
  const type = isArray ? column.typeName.slice(1) : column.typeName;
  return {
    type,
    ...(isArray ? { dims: Math.max(1, column.dimensions) } : {}),
    ...modifiersOf(type, column.typeModifier),
    ...(column.notNull ? { not_null: true } : {}),
    ...(column.keyIndex === null ? {} : { pk_index: column.keyIndex }),
  };
}

/** Postgres counts four bytes of its own into the modifiers of some types. */
const HEADER_BYTES = 4;

/** What a type's modifier says, e.g. the 10 and the 2 of `numeric(10,2)`; -1 is none. */
function modifiersOf(type: string, modifier: number): Record<string, unknown> {
  if (modifier < 0) return {};
  switch (type) {
    case 'varchar':
      return { max_length: modifier - HEADER_BYTES };
    case 'bpchar':
      return { length: modifier - HEADER_BYTES };
    case 'bit':
    case 'varbit':
      return { length: modifier };
    case 'numeric':
      return numericModifiers(modifier - HEADER_BYTES);
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      // Electric's own way of saying "no fractions of a second".
      return modifier === 0 ? { type_mod: 0 } : { precision: modifier };
    case 'interval':
      return intervalModifiers(modifier);
    default:
      return {};
  }
}

/** Precision in the upper half, scale in the eleven lowest bits, with its sign. */
function numericModifiers(modifier: number) {
  const scale = modifier & 0x7ff;
  return { precision: (modifier >> 16) & 0xffff, scale: scale > 0x3ff ? scale - 0x800 : scale };
}

/** Bits of an interval's fields, in the order in which they are said. Source: Postgres, utils/timestamp.h. */
const INTERVAL_FIELDS = [
  ['YEAR', 1 << 2],
  ['MONTH', 1 << 1],
  ['DAY', 1 << 3],
  ['HOUR', 1 << 10],
  ['MINUTE', 1 << 11],
  ['SECOND', 1 << 12],
] as const;
const ALL_INTERVAL_FIELDS = 0x7fff;
const FULL_INTERVAL_PRECISION = 0xffff;

function intervalModifiers(modifier: number) {
  const [range, precision] = [(modifier >> 16) & 0x7fff, modifier & 0xffff];
  const fields = INTERVAL_FIELDS.filter(([, bit]) => (range & bit) !== 0).map(([name]) => name);
  const said = fields.length > 1 ? `${fields[0]!} TO ${fields.at(-1)!}` : fields[0];
  return {
    ...(range === ALL_INTERVAL_FIELDS || said === undefined ? {} : { fields: said }),
    ...(precision === FULL_INTERVAL_PRECISION ? {} : { precision }),
  };
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
