import { createRoute, z } from '@hono/zod-openapi';
import * as schema from '@halo/shapes/protocol/service-tokens.ts';
import { answers, body, cursor, limit, problem } from '../../platform/route-parts.ts';
import { EXAMPLE, idParams, OPERATOR_FAULTS, operators } from '../declaration-parts.ts';
import type { RequireCaller } from '../identity.ts';

const EXAMPLE_TOKEN = {
  id: EXAMPLE.serviceToken,
  userId: EXAMPLE.serviceUser,
  name: 'Alarm centre',
  scopes: ['reports:write' as const, 'incidents:read' as const],
  state: 'active' as const,
  createdBy: EXAMPLE.operator,
  orphaned: false,
  createdAt: EXAMPLE.time,
  expiresAt: '2027-02-23T12:00:00.000Z',
  lastUsedAt: null,
  revokedAt: null,
};

/** `POST /api/v1/admin/service-tokens`. */
export function makeServiceTokenRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'post',
    path: '/api/v1/admin/service-tokens',
    summary: 'Make a token for an integration',
    description:
      'The secret is shown this once; the integration sends it as `Authorization: Bearer`. It opens the routes that its scopes name ' +
      'and no others, and sees what a reporter sees.',
    request: {
      body: body(schema.serviceTokenMakeSchema, {
        name: EXAMPLE_TOKEN.name,
        scopes: EXAMPLE_TOKEN.scopes,
        expiresInDays: 90,
      }),
    },
    responses: {
      201: answers('The token and its secret', schema.serviceTokenMadeSchema, {
        serviceToken: EXAMPLE_TOKEN,
        token: 'halo_svc_0123456789abcdefghijklmnopqrstuvwxyzABCDEF',
      }),
      ...OPERATOR_FAULTS,
      409: problem(`\`too_many_service_tokens\`: ${schema.MAX_SERVICE_TOKENS} are good`),
    },
  });
}

/** `GET /api/v1/admin/service-tokens`. */
export function serviceTokensRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'get',
    path: '/api/v1/admin/service-tokens',
    summary: 'Tokens of integrations, the newest first',
    request: {
      query: z.strictObject({
        state: z.enum(schema.SERVICE_TOKEN_STATES).optional().openapi({ example: 'active' }),
        orphaned: z
          .enum(['true', 'false'])
          .transform((text) => text === 'true')
          .optional()
          .openapi({
            type: 'string',
            enum: ['true', 'false'],
            description: 'whether it is good, and its maker is no operator any more',
            example: 'false',
          }),
        cursor: cursor(),
        limit: limit(50, 200),
      }),
    },
    responses: {
      200: answers('Tokens', schema.serviceTokenListSchema, {
        serviceTokens: [EXAMPLE_TOKEN],
        nextCursor: null,
      }),
      ...OPERATOR_FAULTS,
    },
  });
}

/** `DELETE /api/v1/admin/service-tokens/{id}`. */
export function revokeServiceTokenRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...operators(requireCaller),
    method: 'delete',
    path: '/api/v1/admin/service-tokens/{id}',
    summary: 'Revoke a token for good; what is open with it ends within five seconds',
    request: { params: idParams(EXAMPLE.serviceToken) },
    responses: {
      200: answers('The token as it is now', schema.serviceTokenSchema, {
        ...EXAMPLE_TOKEN,
        state: 'revoked',
        revokedAt: EXAMPLE.time,
      }),
      ...OPERATOR_FAULTS,
      404: problem('`service_token_not_found`'),
    },
  });
}
