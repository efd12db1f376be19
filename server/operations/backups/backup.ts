import { z } from 'zod';

/** The archive's own form; one that this version does not know is refused. */
export const ARCHIVE_FORMAT = 1;

/** Who reads the rows: the server through COPY, or Postgres's own tools. */
export const METHODS = ['copy', 'pg_dump'] as const;
export type Method = (typeof METHODS)[number];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const moment = z.iso.datetime().transform((text) => new Date(text));
const count = z.number().int().nonnegative();

/** What an archive begins with: what was seen, and of what. */
export const headerSchema = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  id: z.uuid(),
  method: z.enum(METHODS),
  /** When the snapshot was taken, by Postgres's clock. */
  takenAt: moment,
  /** Of Halo. */
  version: z.string(),
  /** `server_version_num` of the Postgres that it was taken of. */
  postgres: z.number().int(),
  lsn: z.string(),
  epoch: z.string(),
  /** Null for a database from before houses had names. */
  house: z.uuid().nullable(),
  /** The job's run that took it. */
  runId: z.uuid().nullable(),
  /** Names of the migrations that the database had, in their order: the version of its schema. */
  migrations: z.array(z.string()),
  /** In the order in which they lie in the archive. */
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  sequences: z.array(z.object({ name: z.string(), last: z.string().regex(/^-?\d+$/) })),
  /** Tables in the same database that are not Halo's, and not in the archive. */
  leftOut: z.array(z.string()),
});
export type Header = z.infer<typeof headerSchema>;

/** What an archive ends with: what must have come before. */
export const manifestSchema = z.object({
  parts: z.array(z.object({ name: z.string(), bytes: count, sha256 })),
  /** Rows of each table of Halo's, as of the snapshot. */
  rows: z.record(z.string(), count),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** What lies beside an archive, in the clear, and is written last: a backup without it is no backup. */
export const cardSchema = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  id: z.uuid(),
  house: z.uuid().nullable(),
  file: z.string(),
  takenAt: moment,
  method: z.enum(METHODS),
  version: z.string(),
  postgres: z.number().int(),
  schema: z.string(),
  encrypted: z.boolean(),
  /** Of the file as it is stored. */
  bytes: count,
  sha256,
  rows: count,
});
export type Card = z.infer<typeof cardSchema>;

/** Something to be put into an archive. */
export interface Part {
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer>;
}

/** All that one backup holds, to be read once and in order. */
export interface BackupContents {
  readonly header: Header;
  readonly parts: AsyncIterable<Part>;
  /** Known once the parts have been read. */
  rows(): Readonly<Record<string, number>>;
}

/** The file of an archive and of its card, by when it was taken. */
export function fileNames(id: string, takenAt: Date, encrypted: boolean): { file: string; card: string } {
  const at = takenAt.toISOString().replace(/[-:]|\.\d+/g, '');
  const name = `halo-${at}-${id.slice(-8)}`;
  return { file: `${name}.tar.gz${encrypted ? '.age' : ''}`, card: `${name}.json` };
}

/** Whether a file may be the card of a backup. */
export function isCardName(name: string): boolean {
  return /^halo-\d{8}T\d{6}Z-[0-9a-f]{8}\.json$/.test(name);
}
