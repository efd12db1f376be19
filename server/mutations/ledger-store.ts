import type { MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import type { MutationStatus } from '@halo/shapes/taxonomy/states.ts';
import type { Transaction } from '../db/pool.ts';
import type { Settled } from './mutation-handler.ts';
import type { PreparedMutation } from './prepared-mutation.ts';

/** A settled mutation's answer, as it is kept. */
export interface LedgerEntry {
  readonly id: string;
  readonly userId: string;
  readonly requestHash: Buffer;
  readonly answer: LedgerAnswer;
}

/** What was answered, and is answered again. */
export type LedgerAnswer = Omit<MutationResult, 'replayed'>;

/** A mutation and its outcome. */
export interface SettledMutation {
  readonly mutation: PreparedMutation;
  readonly outcome: Settled;
}

interface AnswerRow {
  readonly id: string;
  readonly seq: string;
  readonly status: MutationStatus;
  readonly code: string | null;
  readonly message: string | null;
  readonly field: string | null;
  readonly result: Record<string, unknown> | null;
  readonly txid: string;
}

interface LedgerRow extends AnswerRow {
  readonly user_id: string;
  readonly request_hash: Buffer;
}

const ANSWER_COLUMNS = 'id, seq, status, code, message, field, result, txid';

/** What the ledger already has under these ids, whatever devices they came from. */
export async function readLedger(tx: Transaction, ids: readonly string[]): Promise<LedgerEntry[]> {
  const { rows } = await tx.query<LedgerRow>({
    name: 'ledger_read',
    text: `SELECT ${ANSWER_COLUMNS}, user_id, request_hash FROM ledger WHERE id = ANY($1::uuid[])`,
    values: [ids],
  });
  return rows.map(entryFromRow);
}

/** What became of a person's mutation; undefined when the ledger has none of that id, or it is another's. */
export async function readSettled(
  tx: Transaction,
  userId: string,
  mutationId: string,
): Promise<Settled | undefined> {
  const { rows } = await tx.query<AnswerRow>({
    name: 'ledger_read_one',
    text: `SELECT ${ANSWER_COLUMNS} FROM ledger WHERE id = $1 AND user_id = $2`,
    values: [mutationId, userId],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { status, code, message, field, result } = row;
  if (status === 'applied') return { status, result: result ?? {} };
  return { status, code: code ?? '', message: message ?? '', ...(field === null ? {} : { field }) };
}

/**
 * Writes the answers and moves the device's `last_seq` on to `lastSeq`, in one statement. Returns the answers as the
 * ledger keeps them, so that the first answer and a replayed one have the same bytes.
 */
export async function writeLedger(
  tx: Transaction,
  device: { readonly deviceId: string; readonly userId: string; readonly lastSeq: number },
  settled: readonly SettledMutation[],
): Promise<LedgerAnswer[]> {
  const { rows } = await tx.query<AnswerRow>({
    name: 'ledger_write',
    text: `WITH moved AS (
             UPDATE devices SET last_seq = $3, last_seen_at = now() WHERE id = $1
           )
           INSERT INTO ledger (id, device_id, user_id, seq, type, args, request_hash, status, code, message,
                               field, result, txid, claimed_at, clock_suspect)
           SELECT id, $1, $2, seq, type, COALESCE(args, 'null'), decode(request_hash, 'hex'), status, code, message, field,
                  result, pg_current_xact_id()::text::bigint, claimed_at, clock_suspect
           -- A JSON null among a record's members arrives as SQL's NULL.
           FROM jsonb_to_recordset($4::jsonb) AS settled (id uuid, seq bigint, type text, args jsonb,
             request_hash text, status mutation_status, code text, message text, field text, result jsonb,
             claimed_at timestamptz, clock_suspect boolean)
           RETURNING ${ANSWER_COLUMNS}`,
    values: [device.deviceId, device.userId, device.lastSeq, JSON.stringify(settled.map(recordOf))],
  });
  return rows.map(answerFromRow);
}

function recordOf({ mutation, outcome }: SettledMutation): Record<string, unknown> {
  return {
    id: mutation.id,
    seq: mutation.seq,
    type: mutation.type,
    args: mutation.args,
    request_hash: mutation.requestHash.toString('hex'),
    claimed_at: mutation.claim.claimedAt.toISOString(),
    clock_suspect: mutation.claim.suspect,
    ...outcome,
  };
}

function entryFromRow(row: LedgerRow): LedgerEntry {
  return {
    id: row.id,
    userId: row.user_id,
    requestHash: row.request_hash,
    answer: answerFromRow(row),
  };
}

function answerFromRow(row: AnswerRow): LedgerAnswer {
  return {
    seq: Number(row.seq),
    id: row.id,
    status: row.status,
    txid: row.txid,
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.message === null ? {} : { message: row.message }),
    ...(row.field === null ? {} : { field: row.field }),
    ...(row.result === null ? {} : { result: row.result }),
  };
}
