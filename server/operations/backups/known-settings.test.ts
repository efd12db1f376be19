import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withKnownSettings } from './known-settings.ts';

const HEAD = '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n';
const SETTING = 'SET transaction_timeout = 0;\n';
const REST = `SET client_encoding = 'UTF8';\nCOPY public.comments (body) FROM stdin;\n`;

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

async function passed(text: string, size: number): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of withKnownSettings(inPieces(text, size))) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('takes one setting out of the head of a script, however it comes in pieces, and nothing else', async () => {
  const length = fc.constantFrom(0, 100, 20_000);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9_000 }), length, async (size, rows) => {
      // What people have written may say the same.
      const rest = REST + SETTING + 'x\n'.repeat(rows) + SETTING;
      expect(await passed(HEAD + SETTING + rest, size)).toBe(HEAD + rest);
    }),
    { numRuns: 40 },
  );
  expect(await passed(HEAD + REST, 7)).toBe(HEAD + REST);
});
