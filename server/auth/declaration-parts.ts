import { z } from '@hono/zod-openapi';
import { COMMON_FAULTS, problem, uuid } from '../platform/route-parts.ts';
import type { RequireCaller } from './identity.ts';

/** What operators' routes have in common. */
export const operators = (requireCaller: RequireCaller) => ({
  tags: ['operators'],
  security: [{ bearer: [] }],
  middleware: requireCaller(['operator']),
});

/** What they may answer besides. */
export const OPERATOR_FAULTS = { ...COMMON_FAULTS, 403: problem('Only operators may do this') };

/** A route whose path names one thing by its id. */
export const idParams = (example: string) => z.object({ id: uuid(example) });

/** Ids and secrets of the examples in the document. */
export const EXAMPLE = {
  user: '01936d2a-0000-7000-8000-0000000000a1',
  operator: '01936d2a-0000-7000-8000-0000000000f9',
  session: '01936d2a-0000-7000-8000-0000000000b1',
  ownSession: '01936d2a-0000-7000-8000-0000000000b2',
  invitation: '01936d2a-0000-7000-8000-0000000000c1',
  serviceToken: '01936d2a-0000-7000-8000-0000000000d1',
  serviceUser: '01936d2a-0000-7000-8000-0000000000d2',
  auditEntry: '01936d2a-0000-7000-8000-0000000000e7',
  password: 'a password of some length',
  invitationToken: 'halo_inv_0123456789abcdefghijklmnopqrstuvwxyzABCDEF',
  resetToken: 'halo_rst_0123456789abcdefghijklmnopqrstuvwxyzABCDEF',
  time: '2026-11-25T12:00:00.000Z',
} as const;
