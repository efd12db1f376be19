import { INSPECTOR_PREFIX, mutationDetailSchema } from '@halo/shapes/protocol/inspector.ts';
import type { MutationDetail } from '@halo/shapes/protocol/inspector.ts';
import { Link } from '../routing/navigation.tsx';
import { pathOf } from '../routing/routes.ts';
import { useApi } from '../session/use-api.ts';
import { count, shortId } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Back } from '../ui/back.tsx';
import { Chip } from '../ui/chip.tsx';
import { Id } from '../ui/copy.tsx';
import { Facts } from '../ui/facts.tsx';
import { Page, Section } from '../ui/page.tsx';
import { Show } from '../ui/states.tsx';

/** One settled mutation: what was asked for, and what became of it. */
export function MutationPage({ id }: { id: string }) {
  const loaded = useApi(`${INSPECTOR_PREFIX}/mutations/${encodeURIComponent(id)}`, mutationDetailSchema);
  return (
    <Page
      title={t.mutations.title(shortId(id))}
      lead={<Back href={pathOf('mutations')}>{t.mutations.back}</Back>}
    >
      <Show of={loaded}>{(mutation) => <MutationParts mutation={mutation} />}</Show>
    </Page>
  );
}

function MutationParts({ mutation }: { mutation: MutationDetail }) {
  const { status, code, message, field, type, user, deviceId, seq, txid, args, result } = mutation;
  return (
    <>
      <section className="card">
        <p className="state-line">
          <Chip tone={status === 'applied' ? 'good' : 'bad'}>{wordFor(t.mutations.statuses, status)}</Chip>
          {code !== null && (
            <span>
              <code>{code}</code> {message} {field !== null && <code>({field})</code>}
            </span>
          )}
        </p>
        <Facts
          of={[
            [t.mutations.type, <code>{type}</code>],
            [t.devices.user, <Link href={pathOf('users', user.id)}>{user.displayName}</Link>],
            [
              t.devices.device,
              <Link href={pathOf('devices', deviceId)}>
                <Id of={deviceId} />
              </Link>,
            ],
            [t.mutations.seq, count(seq)],
            [t.mutations.settled, <Age at={mutation.settledAt} />],
            [t.mutations.claimed, <Age at={mutation.claimedAt} />],
            [t.mutations.transaction, txid],
            [t.mutations.mutation, <Id of={mutation.id} />],
          ]}
        />
        {mutation.clockSuspect && <p className="note note-warn">{t.mutations.clockSuspect}</p>}
        {status === 'rejected' && <p className="muted">{t.mutations.cannotResend}</p>}
      </section>
      <div className="columns">
        <Section
          title={t.mutations.args}
          lead={`${t.mutations.argsLead}${mutation.redacted ? ` ${t.mutations.redacted}` : ''}`}
        >
          <pre className="data" tabIndex={0}>
            {JSON.stringify(args, null, 2)}
          </pre>
        </Section>
        <Section title={t.mutations.result}>
          <pre className="data" tabIndex={0}>
            {result === null ? '–' : JSON.stringify(result, null, 2)}
          </pre>
        </Section>
      </div>
    </>
  );
}
