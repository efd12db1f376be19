/** One operation of the OpenAPI document. */
export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly tags: readonly string[];
  /** Whether it needs a token. */
  readonly guarded: boolean;
  readonly parameters: readonly Parameter[];
  /** The example of its JSON body; undefined where it has none. */
  readonly body: unknown;
  readonly hasBody: boolean;
  /** The JSON schema and the example of each answer that has them, by status. */
  readonly answers: ReadonlyMap<string, { readonly schema: object; readonly example: unknown }>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly example: unknown;
}

interface RawOperation {
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly (Omit<Parameter, 'example'> & {
    readonly example?: unknown;
    readonly schema?: { readonly example?: unknown; readonly examples?: readonly unknown[] };
  })[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Content>> };
  readonly responses?: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

interface Content {
  readonly schema?: object;
  readonly example?: unknown;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** The operations of a document as `/openapi.json` gives it. */
export function operationsOf(document: unknown): Operation[] {
  const { paths } = document as { paths: Record<string, Record<string, RawOperation>> };
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const raw = item[method];
      return raw === undefined ? [] : [operationOf(path, method, raw)];
    }),
  );
}

function operationOf(path: string, method: string, raw: RawOperation): Operation {
  const body = raw.requestBody?.content?.['application/json'];
  const answers = Object.entries(raw.responses ?? {}).flatMap(([status, { content = {} }]) =>
    Object.values(content).flatMap(({ schema, example }) =>
      schema === undefined ? [] : [[status, { schema, example }] as const],
    ),
  );
  return {
    path,
    method,
    tags: raw.tags ?? [],
    // An empty requirement among them makes it optional.
    guarded: raw.security !== undefined && raw.security.every((each) => Object.keys(each).length > 0),
    parameters: (raw.parameters ?? []).map((parameter) => ({
      name: parameter.name,
      in: parameter.in,
      required: parameter.required,
      example: parameter.example ?? parameter.schema?.example ?? parameter.schema?.examples?.[0],
    })),
    body: body?.example,
    hasBody: body !== undefined,
    answers: new Map(answers),
  };
}

/** The request that an operation's examples make. What has no example is left out, and a path's parameter is `x`. */
export function exampleRequest({ path, method, parameters, body }: Operation) {
  const given = (place: Parameter['in']) =>
    parameters.filter((parameter) => parameter.in === place && parameter.example !== undefined);
  const pathParameters = new Map(given('path').map(({ name, example }) => [name, String(example)]));
  const concrete = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => pathParameters.get(name) ?? 'x');
  const query = new URLSearchParams(
    given('query').map(({ name, example }): [string, string] => [name, String(example)]),
  );
  return {
    method: method.toUpperCase(),
    path: query.size === 0 ? concrete : `${concrete}?${query.toString()}`,
    headers: Object.fromEntries(given('header').map(({ name, example }) => [name, String(example)])),
    body,
  };
}
