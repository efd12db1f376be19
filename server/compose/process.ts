import type { FirstOperator } from '../auth/first-operator.ts';
import { loadConfig } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { HaloError, messageOf } from '../platform/errors.ts';
import { openErrorReports } from '../operations/sentry/error-reports.ts';
import type { ErrorReports } from '../operations/sentry/error-reports.ts';
import { createLogger } from '../platform/logger.ts';
import type { Logger } from '../platform/logger.ts';
import { createClosers } from './closers.ts';
import type { Closers } from './closers.ts';
import { endOnFault } from './end-on-fault.ts';
import { exitThoughCallsHang } from './end-process.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';

/** A server that runs in a process of its own. */
export interface ServerProcess {
  readonly config: Config;
  readonly logger: Logger;
  readonly server: RunningServer;
  /** The operator that this start has made; undefined where there was one. */
  readonly firstOperator: FirstOperator | undefined;
  /** Aborts when the process is told to stop, or must: nothing more is to be asked of the server then. */
  readonly ending: AbortSignal;
}

/** How far the start has got: what a fault finds. */
interface Begun {
  reports?: ErrorReports | undefined;
  logger?: Logger;
  closers?: Closers;
  stop?: () => Promise<void>;
}

/**
 * Reads the configuration, starts the server and says where it is. Where it cannot start it says why in one
 * sentence and ends the process with 1; where it waits for others and is told to stop, with 0. A fault that nobody caught, now
 * or later, is told and reported, and ends the process with 1. `logLevel` is the configuration's unless given.
 */
export async function startOrExit(
  stopped: Promise<NodeJS.Signals>,
  logLevel?: string,
): Promise<ServerProcess> {
  const stopping = new AbortController();
  void stopped.then((signal) =>
    stopping.abort(new HaloError('stopped_early', `${signal} came while it was waiting.`)),
  );
  const begun: Begun = {};
  const faults = endOnFault({
    logger: () => begun.logger ?? createLogger('fatal'),
    async end(fault) {
      stopping.abort(fault);
      await begun.stop?.();
    },
    closers: () => begun.closers,
    flush: async () => begun.reports?.close(),
  });
  try {
    const started = await start(begun, stopping.signal, logLevel);
    if (faults.begun()) return await never();
    showAddresses(started.server.url);
    return { ...started, ending: stopping.signal };
  } catch (error) {
    if (faults.begun()) return never();
    process.stderr.write(`${sentence(error)}\n`);
    // Nothing is open any more; only the listeners for signals would keep the process.
    return exitThoughCallsHang(error === stopping.signal.reason ? 0 : 1);
  }
}

async function start(
  begun: Begun,
  stop: AbortSignal,
  logLevel: string | undefined,
): Promise<Omit<ServerProcess, 'ending'>> {
  const config = loadConfig();
  const reports = (begun.reports = await openReports(config));
  const logger = (begun.logger = createLogger(logLevel ?? config.logLevel, undefined, reports?.error));
  const closers = (begun.closers = createClosers(logger));
  let firstOperator: FirstOperator | undefined;
  const tell = (made: FirstOperator) => {
    firstOperator = made;
    showFirstOperator(made);
  };
  const trace = reports && { trace: reports.request };
  const starting = startServer(config, logger, tell, { ...trace, stop, closers });
  let stopped: Promise<void> | undefined;
  // A fault may come while the server stops already: that is then waited for.
  begun.stop = () => (stopped ??= starting.then((server) => server.stop()));
  const { url } = await starting;
  const server = { url, stop: () => stopAndSend(begun) };
  return { config, logger, server, firstOperator };
}

/** Whoever waits for it goes no further: the process ends. */
function never(): Promise<never> {
  return new Promise(() => {});
}

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP (the terminal is gone). To be called before anything is started:
 * a signal that comes while Halo starts must not leave Postgres running. npm passes a terminal's Ctrl-C on, so the
 * same signal may come twice within a moment: more of them do not cut the drain short.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
}

/** Where errors are reported; undefined where nobody is to be told. */
async function openReports({ sentryDsn: dsn, version }: Config): Promise<ErrorReports | undefined> {
  if (dsn === undefined) return undefined;
  return openErrorReports({ dsn, release: version, fetch, random: Math.random });
}

async function stopAndSend({ stop, reports }: Begun): Promise<void> {
  await stop?.();
  await reports?.close();
}

/** One clear sentence about why Halo cannot start, and what to do. */
function sentence(error: unknown): string {
  if (!(error instanceof HaloError)) return `Halo cannot start: ${messageOf(error)}`;
  return `Halo cannot start: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`} [${error.code}]`;
}

function showFirstOperator({ email, password }: FirstOperator): void {
  const lines = ['', '  The first operator (shown this once):', `    e-mail    ${email}`];
  process.stdout.write(`${[...lines, `    password  ${password}`].join('\n')}\n`);
}

function showAddresses(url: string): void {
  const lines = [
    '',
    `  Halo is ready.`,
    `  Field app      ${url}/`,
    `  Console        ${url}/console`,
    `  API reference  ${url}/docs`,
    `  Health         ${url}/health   ${url}/ready   ${url}/metrics`,
  ];
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
