import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { startHttpServer } from './http.ts';

/** An ingest of a test's own, as Sentry has one; what it receives is kept as text. */
export async function useIngest() {
  const envelopes: string[] = [];
  const server = await startHttpServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const bytes = Buffer.concat(pieces);
      envelopes.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  onTestFinished(() => server.close());
  return {
    dsn: server.url.replace('://', '://publickey@') + '/42',
    envelopes,
    requests: () => server.requests(),
  };
}
