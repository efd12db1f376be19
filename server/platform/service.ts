import { backoffDelayMs } from './backoff.ts';
import type { BackoffBounds } from './backoff.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './logger.ts';
import { sleep } from './sleep.ts';

/**
 * Something that runs for as long as the server does. `run` works until `signal` aborts and then returns
 * with its resources closed; when it rejects, the supervisor starts it again after a back-off.
 */
export interface Service {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

const RESTART_BACKOFF: BackoffBounds = { firstMs: 200, maxMs: 15_000 };
/** A run that lasted this long counts as healthy: the next failure starts from the first delay again. */
const HEALTHY_AFTER_MS = 60_000;

/** A supervised service: what it does now, and how to end it. */
export interface Supervised {
  readonly name: string;
  /** The failure that the last run ended with; undefined while it runs well. */
  lastError(): string | undefined;
  /** Aborts the run and resolves when it has returned. */
  stop(): Promise<void>;
}

/** Runs `service` until stopped, restarting it with back-off when it fails. */
export function supervise(service: Service, logger: Logger, random: () => number = Math.random): Supervised {
  const log = logger.child({ component: service.name });
  const controller = new AbortController();
  let lastError: string | undefined;

  const loop = async () => {
    let attempt = 0;
    while (!controller.signal.aborted) {
      const startedAt = performance.now();
      lastError = undefined;
      try {
        await service.run(controller.signal);
        if (controller.signal.aborted) return;
        lastError = 'ended without being asked to';
      } catch (error) {
        if (controller.signal.aborted) {
          log.debug({ err: error }, 'failed while stopping');
          return;
        }
        lastError = messageOf(error);
        log.error({ err: error }, 'service failed; it is started again');
      }
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) attempt = 0;
      await sleep(backoffDelayMs(attempt++, RESTART_BACKOFF, random), controller.signal);
    }
  };
  const finished = loop();

  return {
    name: service.name,
    lastError: () => lastError,
    async stop() {
      controller.abort();
      await finished;
    },
  };
}
