import { predictions } from '@halo/shapes/catalog/predictions.ts';
import type { Logger } from '../platform/logger.ts';
import type { ShapeEngine } from '../shape-engine/shape-engine.ts';
import { Feed } from './feed.ts';
import { DigestCollector, PredictionDigest, predictionChangesOf } from './prediction-digest.ts';
import type { PredictionChange } from './prediction-digest.ts';
import { ShapeLog } from './shape-log.ts';

/** Follows the log of predictions, and tells once for each run what it changed. */
export function predictionFeed(
  engine: ShapeEngine,
  logger: Logger,
  tell: (digest: PredictionDigest) => void,
): Feed<PredictionChange> {
  const source = {
    schema: 'public',
    table: predictions.table,
    columns: ['category', 'place', 'window_start', 'region', 'lat', 'lon', 'computed_at'],
    where: null,
    params: [],
    replica: 'full' as const,
  };
  const collector = new DigestCollector(tell);
  return new Feed({
    what: 'predictions',
    log: new ShapeLog(engine, source, predictionChangesOf),
    logger,
    tell: (change) => collector.add(change),
    caughtUp: () => collector.end(),
    lost: () => tell(PredictionDigest.unknown),
  });
}
