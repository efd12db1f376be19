/** Why a row of an import cannot be used; stable codes, which stand in the file of rejects. */
export const REJECT_REASONS = {
  row_malformed: 'it has another number of cells than the header, or is no feature',
  row_too_large: 'it is larger than 64 KiB',
  text_unstorable: 'it holds a character that Postgres cannot keep',
  id_missing: 'its id is empty',
  id_too_long: 'its id has more than 80 characters',
  id_repeated: 'a row before it has the same id',
  row_repeated: 'a row before it is the same to the letter, and the file has no ids',
  time_missing: 'its date or its time is empty',
  time_unreadable: 'its time is not in the form 2015-01-31T23:59:00-06:00',
  time_without_zone: 'its time has no offset, and no --timezone says in which zone it is meant',
  time_skipped: 'no clock of that zone shows this time: the hour is skipped in spring',
  time_in_future: 'it lies in the future',
  known_at_unreadable: 'what says when it was known is no time, day (2015-01-31) or month (2015-01)',
  position_missing: 'its position is empty, or 0, 0',
  position_unreadable: 'its position is no pair of WGS84 degrees',
  not_a_point: 'its geometry is no point',
  category_missing: 'its category is empty',
  category_too_long: 'its category has more than 120 characters',
  severity_invalid: 'its severity is not 1, 2, 3, 4 or 5',
  description_too_long: 'its description has more than 4,000 characters',
} as const;

export type RejectReason = keyof typeof REJECT_REASONS;

/** One row of a file, as text. */
export interface Row {
  /** Where it stands: the line of a CSV on which it ends, counted from 1, or the number of a feature. */
  readonly line: number;
  /** Its cells by column; none where it cannot be taken apart. */
  readonly cells: Readonly<Record<string, string>>;
  /** The same as the file has it, under `rawColumns`. */
  readonly raw: readonly string[];
  /** Set where it is not even a row. */
  readonly fault?: RejectReason;
}

/** A row that was not imported. */
export interface Reject {
  readonly row: Row;
  readonly reason: RejectReason;
}

/** A file of rows that is being read. */
export interface RowFile {
  readonly columns: readonly string[];
  /** What a row's `raw` cells are called. */
  readonly rawColumns: readonly string[];
  readonly rows: AsyncIterable<Row>;
}

/** A larger row is none, in characters. */
export const MAX_ROW_CHARS = 65_536;
