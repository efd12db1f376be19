import { nodeStore } from '@halo/client/node';
import { Committer } from '../../client-sdk/replica/committer.ts';
import { ReplicaSink } from '../../client-sdk/replica/replica-sink.ts';
import { ensureSchema } from '../../client-sdk/replica/schema.ts';
import { subscriptionsOf } from '../../client-sdk/replica/subscription.ts';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { incidentRow, numberedId } from './client-samples.ts';

/**
 * Applies one row a batch to a replica on disk until it is killed, saying after each that it is committed. The
 * batch's number is its offset, so that rows and position can be compared afterwards.
 */
const [dir] = process.argv.slice(2) as [string];
const database = await nodeStore(dir).openReplica('crash');
await ensureSchema(database);
const [subscription] = subscriptionsOf([{ name: 'incidents', params: { region: '01' } }]);
const committer = new Committer({
  database,
  sleep: realEnvironment.sleep,
  nudge: () => {},
  onCommit: () => {},
  afterRows: async () => [],
});
const sink = new ReplicaSink(database, committer, subscription!);
const { phase, position } = await sink.resume();
if (phase === 'snapshot') {
  await sink.beginSnapshot();
  await sink.publishSnapshot({ handle: 'h', offset: '0_0' }, 0n);
}
for (let n = phase === 'snapshot' ? 1 : Number(position.offset.split('_')[0]) + 1; ; n += 1) {
  const value = incidentRow(numberedId(n), '01');
  const headers = { operation: 'insert' as const, relation: ['public', 'incidents'] as const };
  await sink.apply([{ key: '', value, headers }], { handle: 'h', offset: `${n}_0` }, BigInt(n));
  process.stdout.write(`applied ${n}\n`);
}
