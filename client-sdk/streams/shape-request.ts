import type { ShapeSubscription } from '../api.ts';

/** How far a stream has read. `-1` with no handle is the beginning. */
export interface StreamPosition {
  readonly handle: string | undefined;
  readonly offset: string;
}

export const BEGINNING: StreamPosition = { handle: undefined, offset: '-1' };

export interface ShapeRequest {
  readonly position: StreamPosition;
  /** Wait for news: a long poll. */
  readonly live: boolean;
  readonly cursor: string | undefined;
  /** One per start of the client: tells the server which streams commit together. */
  readonly session: string;
  /** Makes the URL differ from the last one, where a cache or a broken proxy would otherwise answer the same. */
  readonly cacheBuster: string | undefined;
}

/** The URL of a named shape in Electric's protocol. */
export function shapeUrl(server: string, shape: ShapeSubscription, request: ShapeRequest): string {
  const url = new URL(`/v1/shapes/${encodeURIComponent(shape.name)}`, server);
  for (const [name, value] of Object.entries(shape.params ?? {})) url.searchParams.set(name, value);
  const { handle, offset } = request.position;
  url.searchParams.set('offset', offset);
  if (handle !== undefined) url.searchParams.set('handle', handle);
  if (request.live) url.searchParams.set('live', 'true');
  if (request.live && request.cursor !== undefined) url.searchParams.set('cursor', request.cursor);
  url.searchParams.set('session', request.session);
  if (request.cacheBuster !== undefined) url.searchParams.set('cache-buster', request.cacheBuster);
  return url.href;
}
