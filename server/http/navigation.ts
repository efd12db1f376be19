import type { HonoRequest } from 'hono';

/**
 * Whether a browser goes to a page, rather than a program asking for data. Browsers say so themselves, but over HTTPS and to their own
 * machine alone (Fetch Metadata is for trustworthy origins): over plain HTTP from elsewhere it is known by what they accept.
 */
export function isNavigation(request: Pick<HonoRequest, 'header'>): boolean {
  const mode = request.header('sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  return (request.header('accept') ?? '').split(',').some(isHtml);
}

function isHtml(range: string): boolean {
  return /^\s*text\/html\s*(;|$)/i.test(range);
}
