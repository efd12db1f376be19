import { serverMessageSchema } from '@halo/shapes/protocol/realtime.ts';
import type { RealtimeClientMessage, RealtimeServerMessage } from '@halo/shapes/protocol/realtime.ts';
import { WebSocket } from 'ws';
import { eventually } from './eventually.ts';

type Message<Type extends RealtimeServerMessage['type']> = Extract<RealtimeServerMessage, { type: Type }>;

/** A client of `/ws`, which keeps all that it was sent. */
export class RealtimeClient {
  readonly socket: WebSocket;
  readonly messages: RealtimeServerMessage[] = [];
  /** The code that the socket was closed with. */
  closeCode: number | undefined;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws') + '/ws', { headers });
    this.socket.on('message', (data) => {
      this.messages.push(serverMessageSchema.parse(JSON.parse((data as Buffer).toString())));
    });
    this.socket.on('error', () => {});
    this.socket.on('close', (code) => (this.closeCode = code));
  }

  /** Opens a socket with the token in its header. */
  static async open(url: string, token: string): Promise<RealtimeClient> {
    const client = new RealtimeClient(url, { authorization: `Bearer ${token}` });
    await client.first('ready');
    return client;
  }

  send(message: RealtimeClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  of<Type extends RealtimeServerMessage['type']>(type: Type): Message<Type>[] {
    return this.messages.filter((message): message is Message<Type> => message.type === type);
  }

  /** Waits for so many messages of a type, and gives the last of them. */
  async nth<Type extends RealtimeServerMessage['type']>(type: Type, count: number): Promise<Message<Type>> {
    await eventually(() => this.of(type).length >= count);
    return this.of(type)[count - 1]!;
  }

  first<Type extends RealtimeServerMessage['type']>(type: Type): Promise<Message<Type>> {
    return this.nth(type, 1);
  }

  /** `insert <id>` and so on of the subscription with this id, in the order of their coming. */
  told(id: string): string[] {
    return this.of('change').flatMap(({ subscriptions, incident }) =>
      subscriptions.filter((each) => each.id === id).map(({ operation }) => `${operation} ${incident.id}`),
    );
  }

  /** The code of the server's close. */
  async closed(): Promise<number> {
    await eventually(() => this.closeCode !== undefined);
    return this.closeCode!;
  }

  async leave(): Promise<void> {
    this.socket.close();
    await this.closed();
  }
}
