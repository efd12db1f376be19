import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { HaloError } from '../../platform/errors.ts';
import { MAX_ROW_CHARS } from './row.ts';
import type { Row, RowFile } from './row.ts';

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * The rows of a CSV (RFC 4180) whose first row names the columns. Fails with `import_file_empty`, `import_delimiter_wrong`
 * or, while rows are read, `import_quote_open`: behind a quote that nothing closes no row can be told from another.
 */
export async function csvRows(texts: AsyncIterable<string>, delimiter: string): Promise<RowFile> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    max_record_size: MAX_ROW_CHARS,
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  // The iterator below hears of errors.
  pipeline(Readable.from(texts), parser, () => {});
  const records = (parser as AsyncIterable<CsvRecord>)[Symbol.asyncIterator]();
  let line = 0;
  const next = async () => {
    const read = await records.next().catch((error: unknown) => {
      throw understood(error, line + 1);
    });
    if (read.done === true) return undefined;
    line = read.value.info.lines;
    return read.value;
  };
  const header = await next();
  if (header === undefined) throw new HaloError('import_file_empty', 'The file is empty.');
  const columns = header.record.map((name) => name.trim());
  refuseOtherDelimiter(columns);
  return { columns, rawColumns: columns, rows: rowsOf(columns, next, () => parser.destroy()) };
}

async function* rowsOf(
  columns: readonly string[],
  next: () => Promise<CsvRecord | undefined>,
  close: () => void,
): AsyncGenerator<Row, void, undefined> {
  try {
    for (let read = await next(); read !== undefined; read = await next()) yield rowOf(columns, read);
  } finally {
    close();
  }
}

function rowOf(columns: readonly string[], { record, info: { lines: line } }: CsvRecord): Row {
  if (record.length !== columns.length) return { line, cells: {}, raw: record, fault: 'row_malformed' };
  const cells: Record<string, string> = {};
  for (const [at, column] of columns.entries()) cells[column] = record[at] ?? '';
  return { line, cells, raw: record };
}

function refuseOtherDelimiter(columns: readonly string[]): void {
  const [only = '', ...others] = columns;
  const other = [',', ';', '\t', '|'].find((each) => only.includes(each));
  if (others.length > 0 || other === undefined) return;
  const shown = other === '\t' ? '\\t' : other;
  throw new HaloError('import_delimiter_wrong', `The header is one column only: ${only.slice(0, 80)}`, {
    hint: `If its columns are parted by "${shown}", say --delimiter "${shown}".`,
  });
}

function understood(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const isOpen = error.code === 'CSV_QUOTE_NOT_CLOSED' || error.code === 'CSV_MAX_RECORD_SIZE';
  if (!isOpen) return new HaloError('import_csv_unreadable', `Line ${line} is no CSV.`, { cause: error });
  return new HaloError(
    'import_quote_open',
    `The row that begins near line ${line} does not end: a quote is not closed, or it is larger than ${MAX_ROW_CHARS} characters.`,
    {
      hint: 'Mend that line and give the same command again; what stands before it is imported.',
      cause: error,
    },
  );
}
