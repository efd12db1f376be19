import { HaloError } from '../../platform/errors.ts';

/**
 * What an import reads of a row, and the names of columns that it takes for it without being told: the first of them that
 * the file has. Case, blanks and punctuation of a name do not matter.
 */
export const FIELDS = {
  id: ['id', 'case_number', 'case_id', 'incident_number', 'incident_id', 'report_id'],
  occurred_at: ['occurred_at', 'occurred', 'occurred_on', 'datetime', 'date_time', 'timestamp'],
  date: ['date', 'occurred_date', 'incident_date'],
  time: ['time', 'occurred_time', 'incident_time'],
  lat: ['lat', 'latitude', 'y'],
  lon: ['lon', 'lng', 'long', 'longitude', 'x'],
  category: ['category', 'type', 'offense', 'offence', 'crime_type', 'primary_type'],
  description: ['description', 'summary'],
  severity: ['severity'],
  known_at: ['known_at', 'known', 'coded_at', 'coded_month', 'coded', 'entered_at', 'published_at'],
} as const satisfies Record<string, readonly string[]>;

/** A field of an imported row. */
export type Field = keyof typeof FIELDS;

const NAMES = Object.keys(FIELDS) as Field[];
const NEEDED: readonly Field[] = ['lat', 'lon', 'category'];

/** Which column each field is read from; fields that the file does not have are absent. */
export type ColumnOf = Readonly<Partial<Record<Field, string>>>;

/** A column that the caller names, and the field it is. */
export interface Mapping {
  readonly column: string;
  readonly field: string;
}

/**
 * Finds the column of each field. Fails, naming what is wrong and what there is, with `import_field_unknown`,
 * `import_column_unknown`, `import_field_mapped_twice`, `import_columns_doubled` or `import_columns_missing`.
 */
export function findColumns(columns: readonly string[], mappings: readonly Mapping[]): ColumnOf {
  const doubled = columns.find((column, at) => columns.indexOf(column) !== at);
  if (doubled !== undefined)
    throw fault('import_columns_doubled', `The file has two columns "${doubled}".`, 'Rename one of them.');
  const mapped = mappedColumns(columns, mappings);
  const taken = new Set(Object.values(mapped));
  const found = Object.fromEntries(
    NAMES.flatMap((field) => {
      const column = mapped[field] ?? columnNamed(columns, FIELDS[field], taken);
      return column === undefined ? [] : [[field, column]];
    }),
  ) as ColumnOf;
  refuseMissing(columns, found);
  return found;
}

function mappedColumns(columns: readonly string[], mappings: readonly Mapping[]): ColumnOf {
  const mapped: Partial<Record<Field, string>> = {};
  for (const { column, field } of mappings) {
    if (!isField(field))
      throw fault('import_field_unknown', `"${field}" is no field.`, `Fields are ${NAMES.join(', ')}.`);
    if (!columns.includes(column)) throw noColumn(column, columns);
    if (mapped[field] !== undefined)
      throw fault('import_field_mapped_twice', `"${field}" is mapped twice.`, 'Keep one --map of it.');
    mapped[field] = column;
  }
  return mapped;
}

function columnNamed(
  columns: readonly string[],
  names: readonly string[],
  taken: ReadonlySet<string>,
): string | undefined {
  for (const name of names) {
    const column = columns.find((each) => fold(each) === name && !taken.has(each));
    if (column !== undefined) return column;
  }
  return undefined;
}

function refuseMissing(columns: readonly string[], found: ColumnOf): void {
  const missing: string[] = NEEDED.filter((field) => found[field] === undefined);
  const hasTime = found.occurred_at !== undefined || (found.date !== undefined && found.time !== undefined);
  if (!hasTime) missing.unshift('occurred_at (or date and time)');
  const [first] = missing;
  if (first === undefined) return;
  throw fault(
    'import_columns_missing',
    `The file has no column that is taken for ${missing.join(', ')}; it has ${listed(columns)}.`,
    `Name it: --map "COLUMN=${first.split(' ')[0]}".`,
  );
}

function noColumn(column: string, columns: readonly string[]): HaloError {
  return fault('import_column_unknown', `The file has no column "${column}".`, `It has ${listed(columns)}.`);
}

const MAX_LISTED = 40;

function listed(columns: readonly string[]): string {
  const rest = columns.length - MAX_LISTED;
  return columns.slice(0, MAX_LISTED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function isField(text: string): text is Field {
  return Object.hasOwn(FIELDS, text);
}

function fold(column: string): string {
  return (
    column
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join('_');
}

function fault(code: string, message: string, hint: string): HaloError {
  return new HaloError(code, message, { hint });
}
