import type { OpenAPIHono } from '@hono/zod-openapi';
import type { CallerEnv } from '../auth/identity.ts';
import type { Config } from '../config/config.ts';
import type { Metrics } from '../operations/metrics.ts';
import { createRouter } from '../platform/router.ts';
import { refuseRead } from '../raw-shapes/raw-admission.ts';
import { Admission } from '../shape-api/admission.ts';
import type { ReadKind } from '../shape-api/admission.ts';
import { admitReads } from '../shape-api/admit-reads.ts';
import type { ReaderContacts } from '../shape-api/reader-contacts.ts';
import { ReaderShares, shareBounds } from '../shape-api/reader-shares.ts';

/** The bounds on reads that the configuration sets. */
export function createAdmission({ maxInitialReads, maxLiveReads }: Config): Admission {
  return new Admission({ initial: maxInitialReads, live: maxLiveReads }, Math.random);
}

/** What one account and one address may have of that; as much as they like where the configuration limits neither. */
export function createReaderShares({ maxInitialReads, maxLiveReads, rateLimit }: Config): ReaderShares {
  const all = { initial: maxInitialReads, live: maxLiveReads };
  return new ReaderShares(rateLimit === 'off' ? undefined : shareBounds(all), Math.random);
}

/** What stands before the shapes' routes: it has none of its own, and comes first of the routers. */
export function admissionRouter(admission: Admission): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  const named = admitReads(admission, (error) => {
    throw error;
  });
  router.use('/v1/shapes/:name', named);
  router.use('/v1/shapes/:name/checksum', named);
  router.use('/v1/shape', admitReads(admission, refuseRead));
  return router;
}

/** Who reads, and what lets readers in. */
export interface ReadersObserved {
  readonly admission: Admission;
  readonly shares: ReaderShares;
  readonly contacts: ReaderContacts;
}

/** What is in flight of each kind, and what was refused. */
export function registerAdmission(metrics: Metrics, { admission, shares, contacts }: ReadersObserved): void {
  metrics.gauge('halo_sessions_present', 'Log-ins that follow a shape and have asked within 45 s', () => {
    return contacts.counts().present;
  });
  metrics.gauge(
    'halo_sessions_silent',
    'Log-ins that followed a shape within 15 minutes, and have not asked within 45 s',
    () => {
      return contacts.counts().silent;
    },
  );
  const kinds: readonly ReadKind[] = ['initial', 'live'];
  for (const kind of kinds) {
    const name = `halo_shape_${kind}_reads`;
    metrics.gauge(`${name}_in_flight`, `Shape reads (${kind}) whose answers are not sent whole yet`, () => {
      return admission.status(kind).inFlight;
    });
    metrics.gauge(`${name}_limit`, `Shape reads (${kind}) that may be in flight at once`, () => {
      return admission.status(kind).limit;
    });
    metrics.counter(`${name}_refused_total`, `Shape reads (${kind}) refused for that limit`, () => {
      return admission.status(kind).refused;
    });
    metrics.counter(`${name}_limited_total`, `Shape reads (${kind}) refused for the share of one`, () => {
      return shares.refused(kind);
    });
  }
}
