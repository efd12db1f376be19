import type { ReplicaDatabase } from './replica-database.ts';

/** When a subscription's rows are next compared, and when they were last fetched again for it; milliseconds since 1970. */
export interface VerificationTime {
  readonly dueAt: number;
  readonly rebuiltAt?: number;
}

/** By subscription; kept in the replica, since a new one need not be compared. */
export type VerificationTimes = Readonly<Record<string, VerificationTime>>;

const KEY = 'verification_times';

/** Reads them; none where there are none, or none that can be read. */
export async function loadVerificationTimes(database: ReplicaDatabase): Promise<VerificationTimes> {
  const { rows } = await database.query<{ value: string }>('SELECT value FROM local.meta WHERE key = $1', [
    KEY,
  ]);
  try {
    return JSON.parse(rows[0]?.value ?? '{}') as VerificationTimes;
  } catch {
    return {};
  }
}

/** Puts them in the place of those before. */
export async function saveVerificationTimes(
  database: ReplicaDatabase,
  times: VerificationTimes,
): Promise<void> {
  await database.query(
    'INSERT INTO local.meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value',
    [KEY, JSON.stringify(times)],
  );
}
