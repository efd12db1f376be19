import { connect } from 'node:net';

/** What a request says, exactly as it goes out. */
export interface RawRequest {
  readonly method?: string;
  /** The request's target: nothing of it is resolved or escaped. */
  readonly target: string;
  /** `host` among them where it is not to be `localhost`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request without a body over a connection of its own; the whole answer as text, '' where none came. */
export function rawAnswer(
  url: string,
  { method = 'GET', target, headers = {} }: RawRequest,
): Promise<string> {
  const sent = { host: 'localhost', connection: 'close', ...headers };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

/** The status of the answer; NaN where none came. */
export async function rawStatus(url: string, request: RawRequest): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(await rawAnswer(url, request))?.[1]);
}
