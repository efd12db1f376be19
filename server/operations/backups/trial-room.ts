import type pg from 'pg';
import { HaloError } from '../../platform/errors.ts';

/** A part of the limit is used before a trial begins, and by what else is written while it runs. */
const SHARE_OF_LIMIT = 0.5;
const MIB = 1024 ** 2;

/** What there is to judge whether a trial would cost instances their slots. */
export interface TrialRoom {
  /** Of the table or the index that takes most on disk. */
  readonly largestBytes: number;
  /** WAL that Postgres keeps for slots; undefined: all of it. */
  readonly slotLimitBytes: number | undefined;
}

/**
 * pg_restore fills a table, and makes an index, in one transaction each. No slot of the cluster moves on past where one began,
 * so one that writes more than the limit costs every instance its slot, and all devices fetch their shapes again.
 */
export function fitsBesideSlots({ largestBytes, slotLimitBytes }: TrialRoom): boolean {
  return slotLimitBytes === undefined || largestBytes <= slotLimitBytes * SHARE_OF_LIMIT;
}

/** Fails with `backup_verify_too_large` where pg_restore would write more in one transaction than slots bear. */
export async function refuseUnlessFits(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ largest: string; limit_mib: string }>(
    `SELECT (SELECT coalesce(max(CASE relkind WHEN 'i' THEN pg_relation_size(oid) ELSE pg_table_size(oid) END), 0)
               FROM pg_class WHERE relkind IN ('r', 'm', 'i')) AS largest,
            (SELECT setting FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS limit_mib`,
  );
  const { largest, limit_mib: limitMib } = rows[0]!;
  const slotLimitBytes = Number(limitMib) < 0 ? undefined : Number(limitMib) * MIB;
  if (fitsBesideSlots({ largestBytes: Number(largest), slotLimitBytes })) return;
  throw new HaloError(
    'backup_verify_too_large',
    `pg_restore would write more WAL in one transaction than max_slot_wal_keep_size bears: a table or an index has ${Math.round(Number(largest) / MIB)} MiB. Every instance would lose its slot.`,
    {
      field: 'HALO_BACKUP_VERIFY',
      hint: 'Raise max_slot_wal_keep_size, set HALO_BACKUP_METHOD to copy, which loads in small transactions, or set HALO_BACKUP_VERIFY to off and verify elsewhere.',
    },
  );
}
