import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ownHalo, printed, urlOf } from '../support/own-halo.ts';
import type { OwnHalo } from '../support/own-halo.ts';
import { eventually } from '../support/eventually.ts';
import { accessToken } from '../support/server.ts';

let halo: OwnHalo;
beforeEach(() => {
  halo = ownHalo();
  return () => halo.remove();
});

async function portInUse(): Promise<number> {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  onTestFinished(() => void other.close());
  return (other.address() as AddressInfo).port;
}

describe('a Halo with the Postgres that it brings', { timeout: 240_000 }, () => {
  it('shows the first operator once, stops whole, and keeps everything over a restart and kill -9', async () => {
    const first = halo.run();
    const url = await urlOf(first);
    const operator = printed(first)!;
    expect(operator.email).toBe('admin@localhost');
    await accessToken(url, operator);
    const second = halo.run();
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/^Halo cannot start: .* \[data_dir_in_use\]\n$/);
    expect(halo.postgresPid()).toBeDefined();
    expect(await first.kill('SIGTERM')).toBe(0);
    expect(halo.postgresPid()).toBeUndefined();

    const again = halo.run();
    await accessToken(await urlOf(again), operator);
    expect(printed(again)).toBeUndefined();
    await again.kill('SIGKILL');
    const recovered = halo.run();
    await accessToken(await urlOf(recovered), operator);
    expect(await recovered.kill('SIGINT')).toBe(0);
    expect(halo.postgresPid()).toBeUndefined();
  });

  it('ends when it is told to, though the place of its backups hangs', async () => {
    const place = join(halo.dataDir, 'place');
    mkdirSync(place);
    // Whoever opens it to read waits in the kernel for a writer, as for a disk that is mounted from a machine that is gone.
    execFileSync('mkfifo', [join(place, 'halo-20260101T000000Z-00000001.json')]);
    const running = halo.run({ HALO_BACKUP_DIR: place, HALO_BACKUP_METHOD: 'copy' });
    await urlOf(running);
    // It has taken the first one, and reads the cards that are there.
    const cards = () => readdirSync(place).filter((name) => name.endsWith('.json'));
    await eventually(() => expect(cards()).toHaveLength(2), { withinMs: 120_000 });
    await running.kill('SIGTERM');
    expect(running.output()).toContain('draining');
    expect(halo.postgresPid()).toBeUndefined();
  });

  it('loses no password when the first start fails after the operator was made', async () => {
    const refused = halo.run({ PORT: String(await portInUse()) });
    expect(await refused.exited).toBe(1);
    expect(refused.output()).toMatch(/Halo cannot start: .*\[port_in_use\]\n$/);
    expect(halo.postgresPid()).toBeUndefined();
    const operator = printed(refused)!;
    const started = halo.run();
    await accessToken(await urlOf(started), operator);
    await started.kill('SIGTERM');
  });

  it('leaves no Postgres behind when it is stopped while it starts', async () => {
    const starting = halo.run();
    await starting.waitFor(/first operator/);
    expect(await starting.kill('SIGTERM')).toBe(0);
    expect(halo.postgresPid()).toBeUndefined();
  });
});

describe.each(['server/main.ts', 'server/demo/main.ts'])('%s', (entry) => {
  it('says in one sentence why it cannot start', async () => {
    const file = join(halo.dataDir, 'a-file');
    writeFileSync(file, '');
    const faults: [NodeJS.ProcessEnv, string][] = [
      [{ PORT: 'http' }, 'config_invalid'],
      [{ HALO_DATA_DIR: join(file, 'below') }, 'data_dir_unwritable'],
      [{ DATABASE_URL: `postgres://nobody@127.0.0.1:1/halo` }, 'database_unreachable'],
    ];
    for (const [env, code] of faults) {
      const refused = halo.run(env, entry);
      expect(await refused.exited).toBe(1);
      expect(refused.output()).toMatch(new RegExp(`^Halo cannot start: .*\\. \\[${code}\\]\\n$`));
    }
  });
});
