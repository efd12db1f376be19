import { expect, it, onTestFinished } from 'vitest';
import { ownHalo, printed, urlOf } from '../support/own-halo.ts';
import { accessToken } from '../support/server.ts';

const COMMAND = 'server/operator/main.ts';

it('lets the only operator of a default set-up in again who has lost the password, beside a server and without one', async () => {
  const halo = ownHalo();
  onTestFinished(() => halo.remove());
  const resetByCommand = async () => {
    const command = halo.run({}, COMMAND, ['--reset', 'admin@localhost']);
    expect(await command.exited, command.output()).toBe(0);
    return (await command.waitFor(/^ {2}(halo_rst_\S+)$/m))[1]!;
  };
  const setPassword = async (url: string, token: string, password: string) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ token, password });
    const answer = await fetch(`${url}/api/v1/auth/password-reset`, { method: 'POST', headers, body });
    expect(answer.status, await answer.text()).toBe(200);
    await accessToken(url, { email: 'admin@localhost', password });
  };
  const first = halo.run();
  const url = await urlOf(first);
  expect(printed(first)).toBeDefined();
  await setPassword(url, await resetByCommand(), 'a first one from the secret');
  expect(await first.kill('SIGTERM')).toBe(0);

  const token = await resetByCommand();
  expect(halo.postgresPid(), 'the Postgres that it started has stopped').toBeUndefined();
  const inVain = 'set anew but in vain';
  const again = halo.run({ HALO_ADMIN_PASSWORD: inVain, LOG_LEVEL: 'warn' });
  await setPassword(await urlOf(again), token, 'a second one from the secret');
  expect(again.output()).toContain('HALO_ADMIN_PASSWORD is not the operator');
  expect(again.output()).not.toContain(inVain);
  expect(await again.kill('SIGTERM')).toBe(0);
}, 240_000);

it('ends with 1, and a sentence, where it cannot', async () => {
  const halo = ownHalo();
  onTestFinished(() => halo.remove());
  const command = halo.run({}, COMMAND, ['--list']);
  expect(await command.exited).toBe(1);
  await command.waitFor(/\[operator_usage\]\n$/);
  expect(halo.postgresPid()).toBeUndefined();
});
