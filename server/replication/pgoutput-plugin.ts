import type { Client } from 'pg';
import { decodePgoutput } from './pgoutput.ts';
import type { PgoutputMessage } from './pgoutput.ts';

/** A decoded message, or why it could not be decoded. */
export interface Received {
  readonly message?: PgoutputMessage;
  readonly error?: unknown;
}

/**
 * The decoder as `pg-logical-replication` wants it. It decodes at once, because the connection writes over
 * the buffer, and never throws, because it is called from a socket's event.
 */
export class PgoutputPlugin {
  readonly options: { readonly publication: string };
  readonly name = 'pgoutput';
  /** Messages received so far. */
  received = 0;

  constructor(publication: string) {
    this.options = { publication };
  }

  parse(bytes: Buffer): Received {
    this.received += 1;
    try {
      return { message: decodePgoutput(bytes) };
    } catch (error) {
      return { error };
    }
  }

  start(client: Client, slotName: string, lastLsn: string): Promise<unknown> {
    const publication = this.options.publication.replaceAll("'", "''");
    return client.query(
      `START_REPLICATION SLOT "${slotName}" LOGICAL ${lastLsn}
         (proto_version '1', publication_names '${publication}', messages 'true')`,
    );
  }
}
