import type { Metric, Registry } from 'prom-client';
import { LATENCY_BOUNDS_S } from '../platform/latency.ts';
import type { Latency } from '../platform/latency.ts';

/**
 * Shows durations as a histogram of Prometheus. The library's own histogram hashes labels and allocates at each
 * observation, too much for what happens ten thousand times a second; it shows whatever has a `get`.
 */
export function latencySeries(registry: Registry, name: string, help: string, observed: Latency): void {
  const series = {
    name,
    get: () => Promise.resolve({ name, help, type: 'histogram', values: valuesOf(name, observed) }),
    reset() {},
  };
  // Typed as the library's own classes only, though it needs no more of them than this.
  registry.registerMetric(series as unknown as Metric);
}

function valuesOf(name: string, observed: Latency) {
  const { atMost, count, sumS } = observed.read();
  const buckets = LATENCY_BOUNDS_S.map((le, index) => ({
    metricName: `${name}_bucket`,
    labels: { le: String(le) },
    value: atMost[index] ?? 0,
  }));
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels: {}, value: sumS },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
}
