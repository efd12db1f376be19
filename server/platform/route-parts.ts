import { z } from '@hono/zod-openapi';
import { problemSchema, PROBLEM_MEDIA_TYPE } from '@halo/shapes/protocol/problem.ts';

/** A response that is a problem document (RFC 9457). */
export const problem = (description: string) => ({
  description,
  content: { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema } },
});

/** A JSON response, with what it looks like. */
export const answers = <Schema extends z.ZodType>(
  description: string,
  schema: Schema,
  example: z.input<Schema>,
) => ({ description, content: { 'application/json': { schema, example } } });

/** A JSON body that must be there. */
export const body = <Schema extends z.ZodType>(schema: Schema, example: unknown) => ({
  required: true as const,
  content: { 'application/json': { schema, example } },
});

/** What any route behind an account may answer. */
export const COMMON_FAULTS = {
  400: problem('`invalid_request`: a parameter or the body is wrong; `field` names it'),
  401: problem('No token, or one that has expired'),
  429: problem('`rate_limited`: too many requests of this account; again after `Retry-After`'),
};

/** A UUID in a path, in whatever case. */
export const uuid = (example: string) => z.uuid().toLowerCase().openapi({ example });

/** A whole number in a query. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max}`);

/** How much of a list is asked for at once. */
export const limit = (byDefault: number, max: number) =>
  wholeNumber(1, max)
    .default(byDefault)
    .openapi({
      type: 'integer',
      description: `at most so many, 1 to ${max}; ${byDefault} without`,
      example: byDefault,
    });

/** Where a list goes on. */
export const cursor = () =>
  z
    .string()
    .min(1)
    .max(200)
    .optional()
    .openapi({ description: '`nextCursor` of the answer before, with the same other parameters' });

/** An instant in a query, as RFC 3339 has it. */
export const instant = (description: string, example: string) =>
  z.iso
    .datetime({ offset: true, error: 'must be a time with its zone, as RFC 3339 has it' })
    .transform((text) => new Date(text))
    .optional()
    .openapi({ type: 'string', format: 'date-time', description, example });

/** The key that makes a request safe to send again. */
export const idempotencyKey = () =>
  z
    .string('is needed, so that the request can be sent again')
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible characters of ASCII');

const DEGREES = '-?\\d{1,3}(?:\\.\\d{1,17})?';

/** Numbers of degrees with commas between them. */
export const degrees = (count: number, form: string) =>
  z
    .string()
    .regex(new RegExp(`^${DEGREES}(?:,${DEGREES}){${count - 1}}$`), `must be ${form}, in degrees`)
    .transform((text) => text.split(',').map(Number));

/** Whether there is such a point on the globe. */
export const isPoint = (lat: number | undefined, lon: number | undefined) =>
  Math.abs(lat ?? NaN) <= 90 && Math.abs(lon ?? NaN) <= 180;

/** A point of degrees. */
export const point = () =>
  degrees(2, 'lat,lon')
    .refine(([lat, lon]) => isPoint(lat, lon), 'must be on the globe')
    .transform(([lat = 0, lon = 0]) => ({ lat, lon }));
