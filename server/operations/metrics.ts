import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Metrics in Prometheus's form. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** Times every request by its route's template, never by its path. */
  observe(): MiddlewareHandler;
  /** A value that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void;
  /** Which of some states holds: a series for each, 1 for the one that does. */
  states<State extends string>(
    name: string,
    help: string,
    states: readonly State[],
    read: () => State | undefined,
  ): void;
  /** A count since the start, which is kept elsewhere and read when it is asked for. */
  counter(name: string, help: string, read: () => number): void;
  /** The same by what was counted: a series for each, named by its label `reason`. */
  counters(name: string, help: string, read: () => Readonly<Record<string, number>>): void;
}

const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A method is free text of the caller's: unknown ones share a label. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** The registry of one server. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'halo_http_request_duration_seconds',
    help: 'Time to answer a request; long polls included',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: 'halo_http_requests_in_flight',
    help: 'Requests being answered now',
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    ...seriesOf(registry),
    observe: () => async (context, next) => {
      const stop = duration.startTimer();
      inFlight.inc();
      try {
        await next();
      } finally {
        inFlight.dec();
        const route =
          matchedRoutes(context).findLast(({ method, path }) => method !== 'ALL' && path !== '/*')?.path ??
          'none';
        stop({
          method: METHODS.has(context.req.method) ? context.req.method : 'other',
          route,
          status: String(context.res.status),
        });
      }
    },
  };
}

/** Series whose values are read when they are asked for. */
function seriesOf(registry: Registry): Pick<Metrics, 'gauge' | 'states' | 'counter' | 'counters'> {
  return {
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    states(name, help, states, read) {
      new Gauge({
        name,
        help,
        labelNames: ['state'],
        registers: [registry],
        collect() {
          const present = read();
          for (const state of states) this.set({ state }, state === present ? 1 : 0);
        },
      });
    },
    counter(name, help, read) {
      new Counter({
        name,
        help,
        registers: [registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    counters(name, help, read) {
      new Counter({
        name,
        help,
        labelNames: ['reason'],
        registers: [registry],
        collect() {
          this.reset();
          for (const [reason, count] of Object.entries(read())) this.inc({ reason }, count);
        },
      });
    },
  };
}
