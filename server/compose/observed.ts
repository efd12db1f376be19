import type { Config } from '../config/config.ts';
import type { BoundedPool } from '../db/bounded-pool.ts';
import { UnknownTypes } from '../feeds/unknown-types.ts';
import { MutationTally } from '../mutations/mutation-tally.ts';
import { createMetrics } from '../operations/metrics.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Clock } from '../platform/clock.ts';
import { Latency } from '../platform/latency.ts';
import type { Logger } from '../platform/logger.ts';
import type { Admission } from '../shape-api/admission.ts';
import { ChecksumTally } from '../shape-api/checksum-tally.ts';
import { ReaderContacts } from '../shape-api/reader-contacts.ts';
import type { ReaderShares } from '../shape-api/reader-shares.ts';
import type { ShapeUpstream } from '../shape-api/upstream/shape-upstream.ts';
import { createAdmission, createReaderShares, registerAdmission } from './admission.ts';
import { registerChecksums, registerFeeds, registerGauges, registerUpstreamGauges } from './observation.ts';
import type { ReadPath } from './read-path.ts';
import { registerLatencies, registerMutations, registerPool } from './work-metrics.ts';

/** The metrics, and what routes and jobs count for them. */
export interface Observed {
  readonly metrics: Metrics;
  readonly admission: Admission;
  readonly shares: ReaderShares;
  readonly contacts: ReaderContacts;
  readonly checksums: ChecksumTally;
  readonly unknownTypes: UnknownTypes;
  readonly mutations: MutationTally;
  /** Of long polls that news ended. */
  readonly deliveries: Latency;
}

/** What is observed. */
export interface ObservedParts {
  readonly config: Config;
  readonly pool: BoundedPool;
  readonly readPath: ReadPath | undefined;
  readonly upstream: ShapeUpstream | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes the registry and everything that counts. */
export function openObserved({ config, pool, readPath, upstream, clock, logger }: ObservedParts): Observed {
  const observed = {
    metrics: createMetrics(),
    admission: createAdmission(config),
    shares: createReaderShares(config),
    contacts: new ReaderContacts(clock),
    checksums: new ChecksumTally(logger),
    unknownTypes: new UnknownTypes(),
    mutations: new MutationTally(),
    deliveries: new Latency(),
  };
  const { metrics } = observed;
  registerAdmission(metrics, observed);
  registerChecksums(metrics, observed.checksums);
  registerFeeds(metrics, observed.unknownTypes);
  registerMutations(metrics, observed.mutations);
  registerPool(metrics, pool);
  if (readPath !== undefined) {
    registerGauges(metrics, readPath, clock);
    registerLatencies(metrics, readPath, observed.deliveries);
  }
  if (upstream !== undefined) registerUpstreamGauges(metrics, upstream);
  return observed;
}
