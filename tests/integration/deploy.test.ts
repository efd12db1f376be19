import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deploy } from '../../.ci/deploy/deploy.mjs';
import type { DeployOptions } from '../../.ci/deploy/deploy.mjs';

const FAST = { withinMs: 8_000, everyMs: 5, times: 4 };

type Versions = readonly (string | undefined)[];

/** Instances behind a balancer: which of them answers, and what `/ready` tells of all. */
interface Balanced {
  answers(versions: Versions, turn: number): string | undefined;
  tells(versions: Versions): object;
}
const inTurn: Balanced['answers'] = (versions, turn) => versions[turn % versions.length];

/** What runs somewhere: it answers with its instances' versions in turn, and changes as `onHook` says. */
async function place(
  versions: (string | undefined)[],
  onHook: (image: string, version: string) => number | Promise<number>,
  { answers = inTurn, tells = (all) => ({ versions: [...new Set(all)] }) }: Partial<Balanced> = {},
) {
  const calls: unknown[] = [];
  let turn = 0;
  let isReady = true;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      if (request.url === '/hook') {
        const { image, version } = JSON.parse(body) as { image: string; version: string };
        calls.push({ image, version, authorization: request.headers.authorization });
        void Promise.resolve(onHook(image, version)).then((status) => response.writeHead(status).end());
        return;
      }
      const version = answers(versions, turn++);
      if (version === undefined) response.destroy();
      else if (request.url === '/health') response.end(JSON.stringify({ status: 'healthy', version }));
      else response.writeHead(isReady ? 200 : 503).end(JSON.stringify(tells(versions)));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options: DeployOptions = {
    hook: `${url}/hook`,
    token: 'let-me',
    url,
    image: 'reg/halo@sha256:12',
    version: '2+b',
    ...FAST,
  };
  return { options, calls, versions, setReady: (ready: boolean) => void (isReady = ready) };
}

describe('a deployment', () => {
  it('is done when every instance answers with the new version and is ready', async () => {
    const there = await place(['1+a', '1+a', '1+a'], () => {
      there.versions[0] = '2+b';
      setTimeout(() => there.versions.fill('2+b'), 50);
      return 202;
    });
    expect(await deploy(there.options)).toBe('deployed');
    expect(there.versions).toEqual(['2+b', '2+b', '2+b']);
    expect(there.calls).toEqual([
      { image: 'reg/halo@sha256:12', version: '2+b', authorization: 'Bearer let-me' },
    ]);
  });

  it('is taken back where one instance keeps the old version', async () => {
    const there = await place(['1+a', '1+a', '1+a'], (_, version) => {
      there.versions.fill(version).fill('1+a', 0, 1);
      return 200;
    });
    expect(await deploy(there.options)).toBe('rolled back');
    expect(there.calls).toMatchObject([{ version: '2+b' }, { image: 'reg/halo:1-a', version: '1+a' }]);
  });

  it('is taken back where old instances go on behind a balancer that asks only the new one', async () => {
    const onHook = (_: string, version: string) => {
      if (version === '1+a') there.versions.fill(version);
      else there.versions[2] = version;
      return 200;
    };
    const there = await place(['1+a', '1+a', '1+a'], onHook, { answers: (versions) => versions.at(-1) });
    expect(await deploy(there.options)).toBe('rolled back');
  });

  it('goes by who answers where a version does not tell of the others', async () => {
    const onHook = (_: string, version: string) => {
      there.versions.fill(version);
      return 200;
    };
    const there = await place(['1+a'], onHook, { tells: () => ({}) });
    expect(await deploy(there.options)).toBe('deployed');
  });

  it('is taken back where the new version is not ready', async () => {
    const there = await place(['1+a'], (_, version) => {
      there.versions.fill(version);
      there.setReady(version === '1+a');
      return 200;
    });
    expect(await deploy(there.options)).toBe('rolled back');
  });

  it('waits for the new version where the hook is long in answering, and takes it back where none comes', async () => {
    let answer: (status: number) => void = () => {};
    const slow = await place(['1+a'], (_, version) => {
      setTimeout(() => slow.versions.fill(version), 100);
      return new Promise((resolve) => (answer = resolve));
    });
    expect(await deploy({ ...slow.options, hookMs: 30 })).toBe('deployed');
    expect(slow.calls).toMatchObject([{ version: '2+b' }]);
    answer(200);
    const stuck = await place(['1+a'], (_, version) =>
      version === '1+a' ? 200 : new Promise((resolve) => (answer = resolve)),
    );
    expect(await deploy({ ...stuck.options, hookMs: 30 })).toBe('rolled back');
    expect(stuck.calls).toMatchObject([{ version: '2+b' }, { version: '1+a' }]);
    answer(200);
  });

  it('has failed where the hook refuses, or nothing was there to go back to', async () => {
    const refusing = await place(['1+a'], () => 500);
    const said: string[] = [];
    expect(await deploy({ ...refusing.options, say: (line) => said.push(line) })).toBe('failed');
    expect(said).toContain('the hook refused: 500');
    const empty = await place([undefined], () => 200);
    expect(await deploy(empty.options)).toBe('failed');
    expect(empty.calls).toHaveLength(1);
  });
});
