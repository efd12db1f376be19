import type { StreamStatus } from '@halo/client';
import { bytes } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { comparisonWords, streamFault, streamName } from './connection.ts';
import { LastContact } from './last-contact.tsx';

/** Each stream by itself: how it is, how far it has come, and how it last compared with the server. */
export function StreamList({
  streams,
  areaName,
}: {
  streams: readonly StreamStatus[];
  areaName: (code: string) => string | undefined;
}) {
  return (
    <ul className="streams">
      {streams.map((stream) => {
        const { shape, state, offset, behindBytes, lastContactAt, verification } = stream;
        const fault = streamFault(stream);
        return (
          <li key={shape} className="stream" data-shape={shape}>
            <div className="stream-head">
              <span className="stream-name">{streamName(shape, areaName)}</span>
              <span className={`stream-state stream-state-${state}`}>{t.connection.streamStates[state]}</span>
            </div>
            {fault !== undefined && <p className="field-error">{fault}</p>}
            <dl className="stream-facts">
              <dt>{t.connection.lastContact}</dt>
              <dd>
                <LastContact at={lastContactAt} />
                {behindBytes !== undefined &&
                  behindBytes > 0 &&
                  `, ${t.connection.behindBy(bytes(behindBytes))}`}
              </dd>
              <dt>{t.connection.position}</dt>
              <dd className="stream-offset">{offset ?? '–'}</dd>
              <dt>{t.connection.compared}</dt>
              <dd>
                {comparisonWords(verification)}
                {verification !== undefined && (
                  <>
                    {' · '}
                    <LastContact at={verification.at} />
                  </>
                )}
              </dd>
            </dl>
          </li>
        );
      })}
    </ul>
  );
}
