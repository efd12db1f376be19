import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { PROBLEM_MEDIA_TYPE, problemSchema } from '@halo/shapes/protocol/problem.ts';
import { scopesOf } from '../auth/route-scopes.ts';

/** What is added to an operation as the library describes it. */
interface DescribedOperation {
  readonly responses?: Record<string, unknown>;
  /** The scopes with which a service token may ask. */
  'x-halo-scopes'?: readonly string[];
}

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
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(item as Record<string, DescribedOperation>)) {
      if (operation.responses === undefined) continue;
      operation.responses.default ??= problem;
      const scopes = scopesOf(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
      if (scopes.length > 0) operation['x-halo-scopes'] = scopes;
    }
  }
  return document;
}
