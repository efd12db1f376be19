import { hashOf } from '../shell/route.ts';
import { t } from '../texts/texts.ts';

/** In the place of the incidents where the device cannot keep them: never as if there were none, or still to come. */
export function NoReplica() {
  return (
    <section className="page">
      <h1>{t.incidents}</h1>
      <div className="empty">
        <h2>{t.noReplica}</h2>
        <p>{t.noReplicaLead}</p>
        <a className="button button-main" href={hashOf('report')}>
          {t.report}
        </a>
      </div>
    </section>
  );
}
