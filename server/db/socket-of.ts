import type { Socket } from 'node:net';
import type pg from 'pg';

/** The socket of a client, which `pg` has and does not declare. */
export function socketOf(client: pg.ClientBase): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
}
