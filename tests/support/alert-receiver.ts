import { onTestFinished } from 'vitest';
import { startHttpServer } from './http.ts';

/** A webhook of a test's own. */
export interface AlertReceiver {
  readonly url: string;
  /** Bodies that it took, in their order. */
  readonly taken: Record<string, unknown>[];
  /** Events of plain JSON as "raised feed_silent polisen". */
  events(): string[];
  /** Answers with this status from now on; only a 2xx takes anything. */
  answer(status: number): void;
}

/** Starts one for the running test. */
export async function useAlertReceiver(): Promise<AlertReceiver> {
  const taken: Record<string, unknown>[] = [];
  let status = 200;
  const server = await startHttpServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (status < 300) taken.push(JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>);
      response.writeHead(status).end('ok');
    });
  });
  onTestFinished(() => server.close());
  return {
    url: `${server.url}/services/T000/secret-of-the-hook`,
    taken,
    events: () =>
      taken.map((body) => `${String(body['event'])} ${String(body['alert'])} ${String(body['subject'])}`),
    answer: (next) => void (status = next),
  };
}
