import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Usage } from './step.ts';

/** Linux counts processor time in these, whatever the machine. */
const TICKS_PER_S = 100;
const KIB_PER_MIB = 1_024;
const SERVER_LOOP = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m;

/** Whose usage is measured; undefined where it runs elsewhere. */
export interface Measured {
  readonly origin: string;
  readonly serverPid: number | undefined;
  /** The first process of Postgres. */
  readonly postgresPid: number | undefined;
}

/** Begins to measure; the function returned tells what was used until then. Without `/proc` some of it is NaN. */
export async function measureUsage({
  origin,
  serverPid,
  postgresPid,
}: Measured): Promise<() => Promise<Usage>> {
  // Asking for it begins it anew.
  await serverLoopMs(origin);
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const startedAt = performance.now();
  const driver = process.cpuUsage();
  const [server, postgres] = [cpuSeconds(serverPid), sessions(postgresPid)];
  return async () => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const used = process.cpuUsage(driver);
    loop.disable();
    return {
      serverRssMib: rssMib(serverPid),
      serverCores: (cpuSeconds(serverPid) - server) / seconds,
      postgresCores: sinceThen(postgres, sessions(postgresPid)) / seconds,
      driverCores: (used.user + used.system) / 1e6 / seconds,
      serverLoopMs: await serverLoopMs(origin),
      driverLoopMs: loop.percentile(99) / 1e6,
    };
  };
}

async function serverLoopMs(origin: string): Promise<number> {
  try {
    const answer = await fetch(`${origin}/metrics`);
    return Number(SERVER_LOOP.exec(await answer.text())?.[1] ?? NaN) * 1_000;
  } catch {
    return NaN;
  }
}

/** Processor time of the process until now. */
function cpuSeconds(pid: number | undefined): number {
  const fields = statOf(pid);
  return fields === undefined ? NaN : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** The process that began another. */
export function parentOf(pid: number): number | undefined {
  const parent = Number(statOf(pid)?.[1]);
  return Number.isInteger(parent) ? parent : undefined;
}

/** Processor time of Postgres's processes, each by its id; undefined where it cannot be told. */
function sessions(postgresPid: number | undefined): ReadonlyMap<number, number> | undefined {
  if (statOf(postgresPid) === undefined) return undefined;
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid === postgresPid || (Number.isInteger(pid) && parentOf(pid) === postgresPid));
  return new Map(pids.map((pid) => [pid, cpuSeconds(pid)]));
}

/** What processes that have ended meanwhile used is not known. */
function sinceThen(
  then: ReadonlyMap<number, number> | undefined,
  now: ReadonlyMap<number, number> | undefined,
): number {
  if (then === undefined || now === undefined) return NaN;
  return [...now].reduce((sum, [pid, used]) => sum + used - (then.get(pid) ?? 0), 0);
}

/** What `/proc/PID/stat` says behind the name, which may hold blanks: state, parent, … */
function statOf(pid: number | undefined): string[] | undefined {
  if (pid === undefined) return undefined;
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return undefined;
  }
}

function rssMib(pid: number | undefined): number {
  if (pid === undefined) return NaN;
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / KIB_PER_MIB;
  } catch {
    return NaN;
  }
}
