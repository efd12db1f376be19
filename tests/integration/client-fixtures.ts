import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceStore } from '@halo/client';
import { nodeStore } from '@halo/client/node';

/** Makes device stores whose replica begins as a copy of one that was made before: initdb takes seconds. */
export interface StoreMaker {
  at(dir: string): DeviceStore;
  remove(): void;
}

/** Makes the replica that others are copied from. */
export async function createStoreMaker(): Promise<StoreMaker> {
  const template = mkdtempSync(join(tmpdir(), 'halo-replica-template-'));
  const store = nodeStore(template);
  await (await store.openReplica('template')).close();
  await store.close();
  return {
    at(dir) {
      const inner = nodeStore(dir);
      return {
        ...inner,
        openReplica(account) {
          const replica = join(dir, account, 'replica');
          if (!existsSync(replica))
            cpSync(join(template, 'template', 'replica'), replica, { recursive: true });
          return inner.openReplica(account);
        },
      };
    },
    remove: () => rmSync(template, { recursive: true, force: true }),
  };
}
