import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Latency } from '../platform/latency.ts';
import { latencySeries } from './latency-series.ts';

/** How many requests were answered, and how many of them with a 5xx. */
export interface Answered {
  readonly total: number;
  readonly failed: number;
}

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
  /** The same by what was counted: a series for each, named by a label, `reason` unless given. Its values must be few. */
  counters(name: string, help: string, read: () => Readonly<Record<string, number>>, label?: string): void;
  /** Values that are read when they are asked for, a series for each, named by a label. Its values must be few. */
  gauges(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void;
  /** Durations, in seconds. */
  latency(name: string, help: string, observed: Latency): void;
  /** Requests answered since the start, without those that only ask how the server fares. */
  answered(): Answered;
}

const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A method is free text of the caller's: unknown ones share a label. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Who asks these asks for himself: what they answer says nothing about the service. */
const STATUS_ROUTES = new Set(['/health', '/ready', '/metrics']);

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
  const answered = { total: 0, failed: 0 };
  const inFlight = new Gauge({
    name: 'halo_http_requests_in_flight',
    help: 'Requests being answered now',
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    ...seriesOf(registry),
    latency: (name, help, observed) => latencySeries(registry, name, help, observed),
    answered: () => ({ ...answered }),
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
        if (!STATUS_ROUTES.has(route)) {
          answered.total += 1;
          if (context.res.status >= 500) answered.failed += 1;
        }
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
function seriesOf(registry: Registry): Pick<Metrics, 'gauge' | 'gauges' | 'states' | 'counter' | 'counters'> {
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
    gauges(name, help, label, read) {
      new Gauge({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        collect() {
          this.reset();
          for (const [value, number] of Object.entries(read())) this.set({ [label]: value }, number);
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
    counters(name, help, read, label = 'reason') {
      new Counter({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        collect() {
          this.reset();
          for (const [value, count] of Object.entries(read())) this.inc({ [label]: value }, count);
        },
      });
    },
  };
}
