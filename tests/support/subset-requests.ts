/** A subset as a POST's body has it. */
export interface AskedSubset {
  readonly where?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly order_by?: string;
  readonly limit?: number;
}

/** An answer to a request for a subset. */
export interface SubsetResponse {
  readonly answer: Response;
  readonly body: { readonly data?: readonly { readonly value: Readonly<Record<string, string>> }[] };
  /** Ids of its rows; undefined where it has none. */
  readonly ids: readonly (string | undefined)[] | undefined;
}

/** Asks for a subset of a named shape, with its fields in the query or in the body. */
export async function askSubset(
  method: 'GET' | 'POST',
  url: string,
  query: Readonly<Record<string, string>>,
  subset: AskedSubset,
): Promise<SubsetResponse> {
  const search = new URLSearchParams({ log: 'changes_only', offset: 'now', ...query });
  if (method === 'GET') {
    for (const [name, value] of Object.entries(subset)) {
      search.set(`subset__${name}`, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
  }
  const posted = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(subset) };
  const answer = await fetch(`${url}?${search.toString()}`, method === 'GET' ? {} : posted);
  const body = (await answer.json()) as SubsetResponse['body'];
  return { answer, body, ids: body.data?.map(({ value }) => value['id']) };
}
