import type { Event } from '@sentry/core';
import { expect, it } from 'vitest';
import { scrubEvent } from './scrub-event.ts';
import { scrubText } from './scrub-text.ts';

const JWT = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTk4MGEzYyJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4';

it.each([
  ['Key (email)=(ada@halo.example) already exists.', 'Key (email)=([value]) already exists.'],
  ['nobody is ada.lovelace+x@halo.example here', 'nobody is [e-mail] here'],
  ['at 59.332612,18.064934 it failed', 'at [number],[number] it failed'],
  [`the token ${JWT} is bad`, 'the token [secret] is bad'],
  ['authorization: Bearer abc123', 'authorization: Bearer [secret]'],
  ['GET /v1/shapes/x?secret=abcdef&lat=59.3', 'GET /v1/shapes/x?[query]'],
  ['postgres://halo:hunter2@db/halo refuses', 'postgres://[credentials]@db/halo refuses'],
  ['parameters: {"description":"somebody took my bicycle"}', 'parameters: [values]'],
  ['relation "users" does not exist', 'relation "users" does not exist'],
  ['run 01980a3c-7c00-7000-8000-000000000102 failed', 'run 01980a3c-7c00-7000-8000-000000000102 failed'],
])('lets of %j go out only what is nobody’s business', (text, left) => {
  expect(scrubText(text)).toBe(left);
});

it('cuts what is long', () => {
  expect(scrubText('word '.repeat(1_000))).toHaveLength(301);
});

it('lets nothing out that it does not know', () => {
  const secret = 'planted-9c1d';
  const event: Event = {
    event_id: 'e'.repeat(32),
    level: 'error',
    release: '1.2.3',
    server_name: secret,
    user: { id: secret, email: secret },
    request: {
      url: secret,
      headers: { authorization: secret },
      data: secret,
      query_string: secret,
      cookies: {},
    },
    breadcrumbs: [{ message: secret }],
    extra: { args: secret },
    modules: { [secret]: '1' },
    contexts: {
      trace: { trace_id: 't', span_id: 's', data: { 'http.url': secret } },
      device: { name: secret },
    },
    tags: { route: `/v1/shapes/:name?${secret}`, component: 'http', anything: secret },
    exception: {
      values: [
        {
          type: 'Error',
          value: 'it broke',
          mechanism: { type: 'generic', handled: true, data: { secret } },
          stacktrace: {
            frames: [
              {
                filename: `/home/${secret}/halo/server/http/app.ts`,
                abs_path: `/home/${secret}/halo/server/http/app.ts`,
                function: 'answer',
                lineno: 3,
                vars: { secret },
                context_line: secret,
                pre_context: [secret],
              },
            ],
          },
        },
      ],
    },
  };
  const scrubbed = scrubEvent(event);
  expect(JSON.stringify(scrubbed)).not.toContain(secret);
  expect(scrubbed).toMatchObject({
    release: '1.2.3',
    tags: { route: '/v1/shapes/:name', component: 'http' },
    contexts: { trace: { trace_id: 't', span_id: 's' } },
    exception: {
      values: [
        { value: 'it broke', stacktrace: { frames: [{ filename: 'server/http/app.ts', lineno: 3 }] } },
      ],
    },
  });
});
