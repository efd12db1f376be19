import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { PROBLEM_MEDIA_TYPE, problemSchema } from '@halo/shapes/protocol/problem.ts';

/** Describes every route of `app` in OpenAPI 3.1. Each may answer with a problem, so no route has to say so. */
export function apiDocument(app: OpenAPIHono, version: string): object {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Halo',
      version,
      description:
        'Offline-first incident reporting. Every error is an RFC 9457 problem; decide on its `code`.',
    },
    servers: [{ url: '/' }],
  });
  const problem = {
    description: 'A problem; its `code` says which',
    content: { [PROBLEM_MEDIA_TYPE]: { schema: z.toJSONSchema(problemSchema) } },
  };
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(item as Record<string, { responses?: Record<string, unknown> }>)) {
      if (operation.responses !== undefined) operation.responses.default ??= problem;
    }
  }
  return document;
}
