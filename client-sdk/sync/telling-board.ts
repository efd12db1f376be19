import type { Http } from './http.ts';
import type { StatusBoard } from './status-board.ts';

/** The same requests; what becomes of them shows whether the server can be reached. */
export function tellingBoard(http: Http, board: Pick<StatusBoard, 'contact' | 'network'>): Http {
  return async (request) => {
    const outcome = await http(request);
    if (outcome.kind === 'answered') board.contact();
    if (outcome.kind === 'unreachable') board.network('offline');
    return outcome;
  };
}
