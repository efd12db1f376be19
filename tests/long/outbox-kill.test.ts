import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTATION_SCHEMAS } from '@halo/shapes/mutations/mutation-schemas.ts';
import { expect, it, onTestFinished } from 'vitest';
import { AUTH } from '../integration/client-fixtures.ts';
import { ProtocolServer } from '../integration/client-protocol-server.ts';
import { commandOf } from '../support/programs.ts';

/** Devices that are killed side by side, and how often each. */
const DEVICES = 4;
const KILLS = 25;
/** A process that has begun to report is killed within this time; one kill in four comes while it starts. */
const REPORTING_MS = 120;
const STARTING_MS = 600;

it('invariant 1: a process killed at a hundred points has kept what it said, whole and in turn, and it is settled once', async () => {
  const server = new ProtocolServer();
  const judged = new Map<string, { type: string; times: number }>();
  const early: string[] = [];
  server.judge = ({ id, type, args }) => {
    judged.set(id, { type, times: (judged.get(id)?.times ?? 0) + 1 });
    const { reportId = id, commentId = id, watchId = id } = args as Record<string, string | undefined>;
    if (![reportId, commentId, watchId].every((other) => judged.has(other))) early.push(id);
    return { status: 'applied' };
  };
  const url = await server.start();
  onTestFinished(() => server.stop());
  const dir = mkdtempSync(join(tmpdir(), 'halo-outbox-kill-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));

  const kept = await Promise.all(
    Array.from({ length: DEVICES }, async (_, n) => {
      const start = (what: string) => run([url, join(dir, `device-${n}`), AUTH.email, AUTH.password, what]);
      const lines: string[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) lines.push(...(await killed(start(String(kill)), kill)));
      const last = start('settle');
      expect(await outputOf(last)).toBe('settled\n');
      return lines
        .map((line) => line.split(' '))
        .map(([, seq, id, type]) => ({ seq: Number(seq), id: id!, type: type! }));
    }),
  );

  expect(new Set(kept.flat().map(({ type }) => type))).toEqual(new Set(MUTATION_SCHEMAS.keys()));
  for (const { id, type } of kept.flat()) expect(judged.get(id)).toEqual({ type, times: 1 });
  // Each comes behind what it builds upon.
  expect(early).toEqual([]);
  const settled = [...server.ledger.values()];
  for (const { seq, id } of kept.flat()) expect(server.ledger.get(id)).toMatchObject({ seq });
  expect(kept.flat().length).toBeGreaterThan(DEVICES * KILLS);
  const devices = new Set(settled.map(({ deviceId }) => deviceId));
  expect(devices.size).toBe(DEVICES);
  for (const device of devices) {
    const seqs = settled.filter(({ deviceId }) => deviceId === device).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
  }
}, 300_000);

function run(args: readonly string[]): ChildProcess {
  const program = commandOf('tests/end-to-end/outbox-child.ts');
  const child = spawn(process.execPath, [...program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Kills it at a random moment; gives the whole lines that it had said. */
async function killed(child: ChildProcess, kill: number): Promise<string[]> {
  const output = outputOf(child);
  if (kill % 4 === 0) await sleep(Math.random() * STARTING_MS);
  else {
    await once(child.stdout!, 'data');
    await sleep(Math.random() * REPORTING_MS);
  }
  child.kill('SIGKILL');
  return (await output).split('\n').slice(0, -1);
}

async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  child.stdout!.on('data', (bytes: Buffer) => (output += bytes.toString('utf8')));
  await once(child, 'close');
  return output;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
