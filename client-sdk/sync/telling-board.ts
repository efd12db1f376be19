import type { Http, HttpClient } from './http.ts';
import type { StatusBoard } from './status-board.ts';

/** The same requests; what becomes of them shows whether the server can be reached. */
export function tellingBoard(http: HttpClient, board: Pick<StatusBoard, 'contact' | 'network'>): HttpClient {
  const request: Http = async (asked) => {
    const outcome = await http.request(asked);
    if (outcome.kind === 'answered') board.contact();
    if (outcome.kind === 'unreachable') board.network('offline');
    return outcome;
  };
  return { ...http, request };
}
