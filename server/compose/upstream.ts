import type { Config } from '../config/config.ts';
import type { Logger } from '../platform/logger.ts';
import { createHttpUpstream } from '../shape-api/upstream/http-upstream.ts';
import type { ShapeUpstream } from '../shape-api/upstream/shape-upstream.ts';
import type { Closers } from './closers.ts';

/** The server that answers the named shapes, where one is configured. */
export function openUpstream(
  { electric }: Config,
  logger: Logger,
  closers: Closers,
): ShapeUpstream | undefined {
  if (electric === undefined) return undefined;
  const upstream = createHttpUpstream(electric);
  closers.add('upstream', () => upstream.close());
  // The host alone: parameters may hold what is nobody's business.
  const { host } = electric.url;
  logger.info({ component: 'shape-api', host }, 'named shapes are answered by the server of ELECTRIC_URL');
  return upstream;
}
