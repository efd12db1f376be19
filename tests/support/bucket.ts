import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { startHttpServer } from './http.ts';

/** A storage of a test's own, which knows as much of S3's protocol as backups need. It checks each request's signature. */
export interface TestBucket {
  readonly url: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly objects: Map<string, Buffer>;
  /** Uploads in parts that were neither completed nor given up. */
  readonly unfinished: Map<string, Map<number, Buffer>>;
  /** Answers what begins so (as `PUT /bucket/x`) with this status and code, once. */
  refuse(prefix: string, status: number, code: string): void;
}

const BUCKET = 'bucket';
const PAGE = 2;
const GIVING_UP_MS = 200;

/** Starts one for the running test. */
export async function useBucket(): Promise<TestBucket> {
  const accessKey = 'an access key';
  const secretKey = 'a secret key';
  const objects = new Map<string, Buffer>();
  const unfinished = new Map<string, Map<number, Buffer>>();
  const refusals: { prefix: string; status: number; code: string }[] = [];
  const server = await startHttpServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      const line = `${request.method ?? ''} ${request.url ?? ''}`;
      const at = refusals.findIndex(({ prefix }) => line.startsWith(prefix));
      if (at >= 0) {
        const [{ status, code }] = refusals.splice(at, 1) as [(typeof refusals)[number]];
        return failed(response, status, code);
      }
      if (!isSigned(request, body, secretKey)) return failed(response, 403, 'SignatureDoesNotMatch');
      return answer(request, response, body, objects, unfinished);
    });
  });
  onTestFinished(() => server.close());
  return {
    url: `${server.url}/${BUCKET}`,
    accessKey,
    secretKey,
    objects,
    unfinished,
    refuse: (prefix, status, code) => void refusals.push({ prefix, status, code }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  objects: Map<string, Buffer>,
  unfinished: Map<string, Map<number, Buffer>>,
): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://bucket');
  const key = decodeURIComponent(pathname.slice(`/${BUCKET}/`.length));
  const uploadId = searchParams.get('uploadId') ?? '';
  const parts = unfinished.get(uploadId);
  const asked = `${request.method ?? ''}${searchParams.has('uploads') ? ' uploads' : ''}${uploadId === '' ? '' : ' upload'}`;
  switch (asked) {
    case 'POST uploads': {
      const id = String(unfinished.size + 1);
      unfinished.set(id, new Map());
      return told(
        response,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    case 'PUT upload':
      if (parts === undefined) return failed(response, 404, 'NoSuchUpload');
      parts.set(Number(searchParams.get('partNumber')), body);
      return told(response, '', { etag: tagOf(body) });
    case 'POST upload': {
      if (parts === undefined) return failed(response, 404, 'NoSuchUpload');
      const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, number]) =>
        Number(number),
      );
      objects.set(key, Buffer.concat(named.map((number) => parts.get(number)!)));
      unfinished.delete(uploadId);
      return told(
        response,
        `<CompleteMultipartUploadResult><Key>${key}</Key></CompleteMultipartUploadResult>`,
      );
    }
    case 'DELETE upload':
      // It takes its time, so that a test sees who does not wait for it.
      return void setTimeout(() => {
        unfinished.delete(uploadId);
        response.writeHead(204).end();
      }, GIVING_UP_MS);
    case 'PUT':
      objects.set(key, body);
      return told(response, '', { etag: tagOf(body) });
    case 'DELETE':
      objects.delete(key);
      return void response.writeHead(204).end();
    default:
      return key === '' ? list(response, searchParams, objects) : give(response, objects.get(key));
  }
}

/** Two at a time, so that there is more than a page. */
function list(response: ServerResponse, asked: URLSearchParams, objects: Map<string, Buffer>): void {
  const keys = [...objects.keys()].filter((key) => key.startsWith(asked.get('prefix') ?? '')).toSorted();
  const from = Number(asked.get('continuation-token') ?? 0);
  const page = keys.slice(from, from + PAGE);
  const contents = page.map(
    (key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)!.length}</Size></Contents>`,
  );
  const next =
    from + PAGE < keys.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : '';
  told(response, `<ListBucketResult>${next}${contents.join('')}</ListBucketResult>`);
}

function give(response: ServerResponse, object: Buffer | undefined): void {
  if (object === undefined) return failed(response, 404, 'NoSuchKey');
  response.writeHead(200, { 'content-length': object.length }).end(object);
}

function told(response: ServerResponse, xml: string, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/xml', ...headers }).end(xml);
}

function failed(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
}

function tagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

/** Signature Version 4, computed anew from the request as it came. */
function isSigned({ method, url, headers }: IncomingMessage, body: Buffer, secretKey: string): boolean {
  const parts =
    /Credential=(.*?)\/(\d+)\/(.*?)\/s3\/aws4_request, ?SignedHeaders=(.*?), ?Signature=([0-9a-f]+)/.exec(
      headers.authorization ?? '',
    );
  if (parts === null) return false;
  const [, , day, region, signedNames, signature] = parts as unknown as string[];
  const payload = String(headers['x-amz-content-sha256']);
  const isPayload =
    payload === 'UNSIGNED-PAYLOAD' || payload === createHash('sha256').update(body).digest('hex');
  const { pathname, searchParams } = new URL(url ?? '', 'http://bucket');
  const query = [...searchParams]
    .map(([name, value]) => `${strict(name)}=${strict(value)}`)
    .toSorted()
    .join('&');
  const named = signedNames!
    .split(';')
    .map((name) => `${name}:${String(headers[name]).trim()}\n`)
    .join('');
  const canonical = [method, pathname, query, named, signedNames, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ];
  const key = [day!, region!, 's3', 'aws4_request'].reduce<Buffer>(
    (former, part) => createHmac('sha256', former).update(part).digest(),
    Buffer.from(`AWS4${secretKey}`),
  );
  return isPayload && createHmac('sha256', key).update(toSign.join('\n')).digest('hex') === signature;
}

function strict(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
