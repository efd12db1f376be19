import type { ShapeMessage } from '@halo/shapes/protocol/messages.ts';

interface Reasons {
  readonly tags: readonly string[];
  readonly conditions: boolean[];
}

interface Headers {
  readonly operation?: string;
  readonly event?: string;
  readonly tags?: readonly string[];
  readonly removed_tags?: readonly string[];
  readonly active_conditions?: readonly boolean[];
  readonly patterns?: readonly { readonly pos: number; readonly value: string }[];
}

/**
 * A reader of the headers by which Electric says why a row is in a shape with a subquery: each tag is one way, with a
 * part for each condition, and a way holds as long as the conditions that it has a part for do. Events switch a
 * condition for all rows whose tags have a value in its place.
 */
export class TagReader {
  readonly reasons = new Map<string, Reasons>();
  readonly faults: string[] = [];

  take(message: ShapeMessage): void {
    const headers = message.headers as Headers;
    const { event, operation } = headers;
    if (event !== undefined) return this.#takeEvent(event, headers.patterns ?? []);
    if (operation === undefined || !('key' in message)) return;
    if (operation === 'delete') return void this.reasons.delete(message.key);
    const { tags = [], removed_tags: removed = [], active_conditions: conditions = [] } = headers;
    const before = this.reasons.get(message.key)?.tags ?? [];
    for (const tag of removed) if (!before.includes(tag)) this.faults.push(`${message.key} never had ${tag}`);
    const kept = before.filter((tag) => !removed.includes(tag) && !tags.includes(tag));
    if (kept.length > 0) this.faults.push(`${message.key} still has ${kept.join()}`);
    this.reasons.set(message.key, { tags: [...tags], conditions: [...conditions] });
    if (!this.#isIn({ tags, conditions: [...conditions] }))
      this.faults.push(`${message.key} came for no reason`);
  }

  #takeEvent(event: string, patterns: readonly { readonly pos: number; readonly value: string }[]): void {
    for (const [key, reasons] of this.reasons) {
      for (const { pos, value } of patterns) {
        if (reasons.tags.some((tag) => tag.split('/')[pos] === value)) {
          reasons.conditions[pos] = event === 'move-in';
        }
      }
      if (!this.#isIn(reasons)) this.faults.push(`${key} went without being deleted`);
    }
  }

  #isIn({ tags, conditions }: Reasons): boolean {
    return tags.some((tag) => tag.split('/').every((part, i) => part === '' || conditions[i] === true));
  }
}
