import { useEffect, useState } from 'react';
import { bytes } from '../texts/format.ts';
import { t } from '../texts/texts.ts';

interface Storage {
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly persistent: boolean;
}

/** How much room the app takes, whether the browser may clear it, and which version this is. */
export function StorageFacts({ email }: { email: string | undefined }) {
  const [storage, setStorage] = useState<Storage>();
  useEffect(() => {
    let current = true;
    readStorage().then(
      (read) => {
        if (current) setStorage(read);
      },
      // Private windows refuse; then the browser does not say.
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, []);
  return (
    <dl className="facts">
      <dt>{t.connection.storage}</dt>
      <dd>
        {storage === undefined
          ? t.connection.unknownStorage
          : t.connection.used(bytes(storage.usedBytes), bytes(storage.freeBytes))}
        {storage !== undefined && (
          <span className="fact-note">
            {storage.persistent ? t.connection.persistent : t.connection.notPersistent}
          </span>
        )}
      </dd>
      {email !== undefined && (
        <>
          <dt>{t.signedInAs}</dt>
          <dd className="fact-long">{email}</dd>
        </>
      )}
      <dt>{t.connection.version}</dt>
      <dd>{import.meta.env.HALO_APP_VERSION}</dd>
    </dl>
  );
}

async function readStorage(): Promise<Storage | undefined> {
  const { usage, quota } = await navigator.storage.estimate();
  if (usage === undefined || quota === undefined) return undefined;
  return {
    usedBytes: usage,
    freeBytes: Math.max(0, quota - usage),
    persistent: await navigator.storage.persisted(),
  };
}
