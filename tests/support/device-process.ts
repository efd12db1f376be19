import { dirname } from 'node:path';
import type { HaloStatus, OutboxEntry, QueryRow, ReportChangesInput } from '@halo/client';
import type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';
import type { DeviceCommand } from '../end-to-end/device.ts';
import { startNode, startProcess } from './process.ts';
import type { TestProcess } from './process.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A device in a process of its own; each call resolves with what the device answers. */
export interface DeviceProcess {
  readonly process: TestProcess;
  report(report: ReportCreateInput): Promise<{ id: string; seq: number }>;
  amend(reportId: string, changes: ReportChangesInput): Promise<{ id: string; seq: number }>;
  whenSettled(): Promise<void>;
  whenLive(): Promise<void>;
  /** As JSON makes it: dates are texts. */
  status(): Promise<Omit<HaloStatus, 'lastContactAt'>>;
  outbox(): Promise<OutboxEntry[]>;
  query<Row extends QueryRow>(sql: string): Promise<Row[]>;
  /** Ends it in order. */
  close(): Promise<void>;
}

/**
 * Opens the device at `dir` against `url` and waits until its store is open. With `program` it runs that file, which is
 * `tests/end-to-end/device.ts` as JavaScript in a project that has installed another version of the client.
 */
export async function startDeviceProcess(
  url: string,
  dir: string,
  account: { email: string; password: string },
  region: string,
  program?: string,
): Promise<DeviceProcess> {
  const args = [url, dir, account.email, account.password, region];
  const child =
    program === undefined
      ? startProcess('tests/end-to-end/device.ts', args, {})
      : startNode([program, ...args], dirname(program), {});
  await child.waitFor(/"ready":true/);
  let lastId = 0;

  const ask = async (command: Without<DeviceCommand, 'id'>): Promise<unknown> => {
    const id = (lastId += 1);
    child.send(JSON.stringify({ id, ...command }));
    const [line] = await child.waitFor(new RegExp(`^{"id":${id}[,}].*$`, 'm'), { withinMs: 90_000 });
    const answer = JSON.parse(line) as { ok?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(`the device answered: ${answer.error}`);
    return answer.ok;
  };
  return {
    process: child,
    report: (report) => ask({ do: 'report', report }) as Promise<{ id: string; seq: number }>,
    amend: (reportId, changes) =>
      ask({ do: 'amend', reportId, changes }) as Promise<{ id: string; seq: number }>,
    whenSettled: () => ask({ do: 'settle' }) as Promise<void>,
    whenLive: () => ask({ do: 'live' }) as Promise<void>,
    status: () => ask({ do: 'status' }) as Promise<Omit<HaloStatus, 'lastContactAt'>>,
    outbox: () => ask({ do: 'outbox' }) as Promise<OutboxEntry[]>,
    query: <Row extends QueryRow>(sql: string) => ask({ do: 'query', sql }) as Promise<Row[]>,
    async close() {
      child.closeInput();
      await child.exited;
    },
  };
}
