import { createRoute, z } from '@hono/zod-openapi';
import { checksumSchema } from '@halo/shapes/protocol/checksum.ts';
import { problemSchema, PROBLEM_MEDIA_TYPE } from '@halo/shapes/protocol/problem.ts';
import type { RequireCaller } from '../auth/identity.ts';

const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

/** The declared query: protocol parameters; those of the shape itself are checked by its definition. */
const query = z.looseObject({
  offset: z.string().optional().openapi({ description: '`-1` from the start, `now`, or a received offset' }),
  handle: z.string().optional().openapi({ description: 'the handle received with the offset' }),
  live: z.string().optional().openapi({ description: '`true`: wait up to 20 s for news' }),
  live_sse: z
    .string()
    .optional()
    .openapi({ description: '`true`, with `live`: news as server-sent events, for up to 60 s' }),
  cursor: z.string().optional().openapi({ description: 'the cursor of the last live answer' }),
  replica: z.string().optional().openapi({ description: '`default` or `full`' }),
  log: z
    .string()
    .optional()
    .openapi({ description: '`full`, or `changes_only`: no rows, only what changes from now on' }),
  subset__where: z
    .string()
    .optional()
    .openapi({ description: 'a condition over the shape’s columns: only these rows, as they are now' }),
  subset__params: z.string().optional().openapi({ description: 'JSON: values of `$1`, `$2`, …' }),
  subset__order_by: z.string().optional().openapi({ description: 'columns, each with `asc` or `desc`' }),
  subset__limit: z.string().optional().openapi({ description: 'at most so many rows' }),
  subset__offset: z.string().optional().openapi({ description: 'leave out so many rows before them' }),
  session: z.string().optional().openapi({ description: 'UUID of the client’s run; its waits end together' }),
});

const FAULTS = {
  400: { description: 'A parameter is missing or wrong' },
  401: problem('No token, or one that has expired'),
  403: problem('The role may not read this shape'),
  404: problem('There is no such shape'),
  409: { description: 'The position means nothing any more: begin again with the handle given' },
  429: problem(
    'The account or its address has as many reads in flight as it may: try again after `Retry-After`',
  ),
  502: problem('The server behind the shapes does not serve this one'),
  503: problem('Too much to do, or stopping: try again after `Retry-After`'),
};

/** `GET /v1/shapes/{name}`, Electric's protocol over a named shape. */
export function shapeRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'get',
    path: '/v1/shapes/{name}',
    tags: ['shapes'],
    summary: 'Follow a named shape',
    description: 'Any client of Electric’s HTTP protocol works with this address as its `url`.',
    security: [{ bearer: [] }],
    middleware: requireCaller(),
    request: { params: z.object({ name: z.string() }), query },
    responses: {
      200: {
        description: 'Messages, and the position after them in `electric-offset`',
        content: { 'application/json': { schema: z.array(z.looseObject({})) } },
      },
      304: { description: 'The cached answer is still right' },
      ...FAULTS,
    },
  });
}

const body = z.looseObject({
  where: z.unknown().optional().openapi({ description: 'a condition over the shape’s columns' }),
  params: z.unknown().optional().openapi({ description: 'values of `$1`, `$2`, … by their numbers' }),
  order_by: z.unknown().optional().openapi({ description: 'columns, each with `asc` or `desc`' }),
  limit: z.unknown().optional().openapi({ description: 'at most so many rows' }),
  offset: z.unknown().optional().openapi({ description: 'leave out so many rows before them' }),
  subset: z
    .unknown()
    .optional()
    .openapi({ description: 'all of these, with parameters of the query beside it' }),
});

/** `POST /v1/shapes/{name}`: a subset whose condition is too long for a URL; the rest stands in the query. */
export function subsetRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'post',
    path: '/v1/shapes/{name}',
    tags: ['shapes'],
    summary: 'Read some of a named shape’s rows',
    description:
      'As the same GET with `subset__where` and its kin, which stand in the body without their prefix.',
    security: [{ bearer: [] }],
    middleware: requireCaller(),
    request: {
      params: z.object({ name: z.string() }),
      query,
      body: { content: { 'application/json': { schema: body } }, required: true },
    },
    responses: {
      200: {
        description: 'The rows, and what the snapshot that they were read in has seen',
        content: { 'application/json': { schema: z.looseObject({}) } },
      },
      ...FAULTS,
    },
  });
}

const checksumQuery = z.looseObject({
  offset: z.string().optional().openapi({ description: 'the offset that the rows were brought to' }),
  handle: z.string().optional().openapi({ description: 'the handle received with it' }),
  rows: z.string().optional().openapi({ description: 'how many rows the device has, to be counted here' }),
  digest: z.string().optional().openapi({ description: 'their digest, 16 hexadecimal digits' }),
});

/** `GET /v1/shapes/{name}/checksum`: what a shape was at an offset. */
export function checksumRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'get',
    path: '/v1/shapes/{name}/checksum',
    tags: ['shapes'],
    summary: 'Compare a replica of a shape',
    description:
      'How many rows the shape had at the offset, and their digest: the exclusive or of the first 64 bits of each row’s ' +
      'md5. With `rows` and `digest` the server counts whether they are the same (`halo_shape_checksums_…` in ' +
      '`/metrics`). Parameters of the shape as for the shape itself.',
    security: [{ bearer: [] }],
    middleware: requireCaller(),
    request: { params: z.object({ name: z.string() }), query: checksumQuery },
    responses: {
      200: {
        description: 'The shape at the offset',
        content: { 'application/json': { schema: checksumSchema } },
      },
      ...FAULTS,
      404: problem('There is no such shape, or another server answers the shapes'),
      422: problem('The offset lies too far behind the present'),
      429: problem(
        'Too many checksums were asked for, or too many reads are in flight: try again after `Retry-After`',
      ),
    },
  });
}
