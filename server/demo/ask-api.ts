/** An answer of the API: its status, and its body as JSON. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** Asks the API of one server in the name of one account. */
export type AskApi = <T>(method: 'GET' | 'POST', path: string, body?: object) => Promise<ApiAnswer<T>>;

/** Asks the server at `url` with an access token, or without. Any status is an answer. */
export function apiOf(url: string, token?: string): AskApi {
  return async <T>(method: 'GET' | 'POST', path: string, body?: object) => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
}
