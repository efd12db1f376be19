import type { Readable } from 'node:stream';

/** Where backups lie: a directory, or a bucket. Names are of one level. */
export interface BackupStore {
  /** For people; without a secret. */
  readonly place: string;
  list(): Promise<readonly StoredFile[]>;
  /**
   * Puts a file there: whole, or not at all under this name. Fails with `backup_place_full` where there is no room,
   * `backup_place_unwritable` where it takes nothing.
   */
  write(name: string, bytes: Readable, signal: AbortSignal): Promise<void>;
  /** Fails with `backup_missing` where there is none. */
  read(name: string): Promise<Readable>;
  /** What is not there is gone already. */
  remove(name: string): Promise<void>;
}

/** A file that lies there. */
export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
}
