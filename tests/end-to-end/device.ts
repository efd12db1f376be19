import { createInterface } from 'node:readline';
import { openHalo } from '@halo/client';
import type { ReportChangesInput } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';

/**
 * One device in a process of its own, for tests that kill it. It is told what to do by JSON lines on standard
 * input and answers each with a JSON line `{"id":…, "ok":…}` or `{"id":…, "error":…}` on standard output.
 */
export type DeviceCommand =
  | { readonly id: number; readonly do: 'report'; readonly report: ReportCreateInput }
  | {
      readonly id: number;
      readonly do: 'amend';
      readonly reportId: string;
      readonly changes: ReportChangesInput;
    }
  | { readonly id: number; readonly do: 'settle' | 'live' | 'status' | 'outbox' }
  | { readonly id: number; readonly do: 'query'; readonly sql: string };

const [url, dir, email, password, region] = process.argv.slice(2) as [string, string, string, string, string];
const halo = await openHalo({
  url,
  store: nodeStore(dir),
  auth: { email, password },
  shapes: [{ name: 'incidents', params: { region } }],
});
say({ ready: true });

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as DeviceCommand;
  void run(command).then(
    (ok) => say({ id: command.id, ok }),
    (error: unknown) => say({ id: command.id, error: String(error) }),
  );
}
await halo.close();

async function run(command: DeviceCommand): Promise<unknown> {
  switch (command.do) {
    case 'report':
      return halo.report(command.report);
    case 'amend':
      return halo.amendReport(command.reportId, command.changes);
    case 'settle':
      return halo.whenSettled();
    case 'live':
      return halo.whenLive();
    case 'status':
      return halo.status();
    case 'outbox':
      return halo.outbox.list();
    case 'query':
      return halo.query(command.sql);
  }
}

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
