/** An abort of one's own that another brings about too. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(): void;
  /** To be called at the end: the other signal holds nothing any more. */
  unlink(): void;
}

/** Not AbortSignal.any: Node 20 may collect what it returns while it is still listened to. */
export function linkedAbort(outer: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const abort = () => controller.abort(outer.reason);
  if (outer.aborted) abort();
  outer.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    unlink: () => outer.removeEventListener('abort', abort),
  };
}
