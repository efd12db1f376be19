import { hash } from 'node:crypto';
import type { Mutation } from '@halo/shapes/protocol/mutation-batch.ts';

/**
 * SHA-256 over what makes a mutation the same one when it is sent again: its id, type, `createdAt` and
 * arguments, whatever order their keys come in.
 */
export function requestHash({ id, type, createdAt }: Mutation, storableArgs: unknown): Buffer {
  return hash('sha256', canonicalJson([id, type, createdAt, storableArgs]), 'buffer');
}

/** JSON with the keys of every object in code unit order and no blanks (RFC 8785, sections 3.2.2 and 3.2.3). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`);
  return `{${members.join(',')}}`;
}
