/** Most entries that an outbox holds, pending and rejected together; `report()` then fails with `outbox_full`. */
export const MAX_OUTBOX_ENTRIES = 10_000;
