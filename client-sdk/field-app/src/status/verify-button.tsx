import { useState } from 'react';
import { useHalo } from '@halo/client/react';
import { t } from '../texts/texts.ts';
import { useAttempt } from '../ui/use-attempt.ts';

/** Compares what is on the device with the server, row by row. */
export function VerifyButton() {
  const halo = useHalo();
  const { error, busy, attempt } = useAttempt();
  const [words, setWords] = useState<string>();
  const verify = () =>
    attempt(async () => {
      setWords(undefined);
      const all = await halo.verify();
      const equal = all.filter(({ outcome }) => outcome === 'equal').length;
      setWords(t.connection.verified(equal, all.length));
    });
  return (
    <div className="verify">
      <button type="button" className="button" aria-disabled={busy} onClick={() => void verify()}>
        {busy ? t.connection.verifying : t.connection.verify}
      </button>
      <p className={error === undefined ? 'field-hint' : 'field-error'} role="status">
        {error === undefined ? words : t.connection.verifyFailed(error)}
      </p>
    </div>
  );
}
