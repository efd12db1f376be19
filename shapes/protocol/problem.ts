import { z } from 'zod';

/**
 * An error answer: RFC 9457 problem details with a stable `code`. `field` names the input that is wrong;
 * `hint` says what to do about it.
 */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  field: z.string().optional(),
  hint: z.string().optional(),
});

/** Media type of a problem document. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
