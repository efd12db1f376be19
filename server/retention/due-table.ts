import type { Pool } from '../db/pool.ts';
import { keptSince } from '../privacy/retention/policy.ts';
import type { RetentionPolicy } from '../privacy/retention/policy.ts';

/** What each policy would forget now, as lines for a terminal. */
export async function dueTable(pool: Pool, policies: readonly RetentionPolicy[], now: Date): Promise<string> {
  let text = '';
  for (const policy of policies) {
    const before = keptSince(policy.days, now);
    const due = before === undefined ? 0 : await policy.count(pool, before);
    const kept = policy.days === undefined ? 'for ever' : `${policy.days} days`;
    text += `${policy.name.padEnd(14)} ${kept.padStart(10)} ${String(due).padStart(9)} due   ${policy.says}\n`;
  }
  return text;
}
