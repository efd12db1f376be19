/**
 * Messages of the Electric shape protocol as they stand in a response's JSON array.
 * Source: https://electric-sql.com/docs/api/http and recorded answers of Electric 1.7.12.
 */

/** A row on the wire: column → Postgres's text of the value, or null. */
export type WireRow = Readonly<Record<string, string | null>>;

export interface ChangeHeaders {
  readonly operation: 'insert' | 'update' | 'delete';
  /** [schema, table]. */
  readonly relation: readonly [string, string];
  /** Commit LSN as a decimal string; absent on rows of a snapshot. */
  readonly lsn?: string;
  readonly op_position?: number;
  readonly txids?: readonly number[];
  /** True on the shape's last operation of the transaction. */
  readonly last?: true;
  readonly key_change_to?: string;
  readonly key_change_from?: string;
}

export interface ChangeMessage {
  /** `"schema"."table"/"pk"…`, one per row. */
  readonly key: string;
  readonly value: WireRow;
  readonly old_value?: WireRow;
  readonly headers: ChangeHeaders;
}

export type ControlMessage =
  | { readonly headers: { readonly control: 'up-to-date'; readonly global_last_seen_lsn: string } }
  | { readonly headers: { readonly control: 'must-refetch' } }
  | {
      readonly headers: {
        readonly control: 'snapshot-end';
        readonly xmin: string;
        readonly xmax: string;
        readonly xip_list: readonly string[];
      };
    };

export type ShapeMessage = ChangeMessage | ControlMessage;

/** Tells a change from a control message. */
export function isChangeMessage(message: ShapeMessage): message is ChangeMessage {
  return 'key' in message;
}
