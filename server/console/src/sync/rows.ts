import type { Message, Row } from '@electric-sql/client';
import { isChangeMessage, isControlMessage } from '@electric-sql/client';

/** A value of a row as the console has it: times are milliseconds since 1970. */
export type Value = string | number | boolean | bigint | null | object;
export type ShapeRow = Readonly<Record<string, Value>>;

/** Rows of one shape, by key. Updates carry only what changed, so that rows are kept whole here. */
export class Rows {
  #shown = new Map<string, ShapeRow>();
  /** Rows of a snapshot that is being read anew, while the former ones are still shown. */
  #next: Map<string, ShapeRow> | undefined;

  /** Takes messages of the stream; says whether what is shown is whole and new. */
  apply(messages: readonly Message<Row<Value>>[]): boolean {
    let isWhole = false;
    for (const message of messages) {
      if (isControlMessage(message)) {
        if (message.headers.control === 'must-refetch') this.#next = new Map();
        if (message.headers.control === 'up-to-date') isWhole = true;
        continue;
      }
      if (!isChangeMessage(message)) continue;
      const rows = this.#next ?? this.#shown;
      const { key } = message;
      if (message.headers.operation === 'delete') rows.delete(key);
      else rows.set(key, { ...rows.get(key), ...message.value });
    }
    if (isWhole && this.#next !== undefined) {
      this.#shown = this.#next;
      this.#next = undefined;
    }
    return isWhole;
  }

  /** All rows, in the order in which they came. */
  all(): ShapeRow[] {
    return [...this.#shown.values()];
  }
}

/** A text of a row; empty where there is none. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Milliseconds of a time as Postgres writes it in UTC, e.g. `2026-01-31 08:00:00.5+00`. */
export function postgresTimeMs(text: string): number {
  return Date.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
}
