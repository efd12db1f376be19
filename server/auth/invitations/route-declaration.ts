import { createRoute, z } from '@hono/zod-openapi';
import { accountSchema } from '@halo/shapes/protocol/accounts.ts';
import * as schema from '@halo/shapes/protocol/users.ts';
import { answers, body, COMMON_FAULTS, cursor, limit, problem } from '../../platform/route-parts.ts';
import { EXAMPLE, idParams, OPERATOR_FAULTS, operators } from '../declaration-parts.ts';
import type { RequireCaller } from '../identity.ts';

const EXAMPLE_INVITATION = {
  id: EXAMPLE.invitation,
  email: 'newcomer@halo.example',
  role: 'officer' as const,
  state: 'open' as const,
  invitedBy: EXAMPLE.operator,
  createdAt: EXAMPLE.time,
  expiresAt: '2026-12-02T12:00:00.000Z',
  acceptedBy: null,
  acceptedAt: null,
};

/** `POST /api/v1/admin/invitations`. */
export function inviteRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'post',
    path: '/api/v1/admin/invitations',
    summary: 'Invite somebody to an account with a role',
    description:
      'The secret is shown this once, for the operator to hand over. A newer invitation of an address takes the older one’s place.',
    request: {
      body: body(schema.inviteSchema, { email: 'another@halo.example', role: 'officer', expiresInDays: 7 }),
    },
    responses: {
      201: answers('The invitation and its secret', schema.invitedSchema, {
        invitation: EXAMPLE_INVITATION,
        token: EXAMPLE.invitationToken,
      }),
      ...OPERATOR_FAULTS,
      409: problem(
        `\`email_taken\`: there is an account with this address; \`too_many_invitations\`: ${schema.MAX_OPEN_INVITATIONS} are open`,
      ),
    },
  });
}

/** `GET /api/v1/admin/invitations`. */
export function invitationsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'get',
    path: '/api/v1/admin/invitations',
    summary: 'Invitations, the newest first',
    description: 'Those that came to nothing are kept for 30 days after they ran out.',
    request: {
      query: z.strictObject({
        state: z.enum(schema.INVITATION_STATES).optional().openapi({ example: 'open' }),
        cursor: cursor(),
        limit: limit(50, 200),
      }),
    },
    responses: {
      200: answers('Invitations', schema.invitationListSchema, {
        invitations: [EXAMPLE_INVITATION],
        nextCursor: null,
      }),
      ...OPERATOR_FAULTS,
    },
  });
}

/** `DELETE /api/v1/admin/invitations/{id}`. */
export function revokeInvitationRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'delete',
    path: '/api/v1/admin/invitations/{id}',
    summary: 'Take an invitation back',
    request: { params: idParams(EXAMPLE.invitation) },
    responses: {
      200: answers('The invitation as it is now', schema.invitationSchema, {
        ...EXAMPLE_INVITATION,
        state: 'revoked',
      }),
      ...OPERATOR_FAULTS,
      404: problem('`invitation_not_found`'),
      409: problem('`invitation_accepted`: it is an account now'),
    },
  });
}

/** `POST /api/v1/auth/invitations/accept`. */
export const acceptInvitationRoute = createRoute({
  method: 'post',
  path: '/api/v1/auth/invitations/accept',
  tags: ['auth'],
  summary: 'Make the account that an invitation is for',
  request: {
    body: body(schema.acceptInvitationSchema, {
      token: EXAMPLE.invitationToken,
      password: EXAMPLE.password,
      displayName: 'A newcomer',
    }),
  },
  responses: {
    201: answers('The account; log in with it', accountSchema, {
      id: EXAMPLE.user,
      email: EXAMPLE_INVITATION.email,
      displayName: 'A newcomer',
      role: 'officer',
    }),
    400: problem('`invalid_request`; `invitation_invalid`: it is unknown, used, taken back or has run out'),
    409: problem('`email_taken`: somebody has made an account with the address meanwhile'),
    429: COMMON_FAULTS[429],
  },
});
