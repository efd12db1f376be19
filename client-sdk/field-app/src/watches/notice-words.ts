import type { Halo, RiskNotice } from '@halo/client';
import { bandName, bandOfRisk } from '../risk/risk-place.ts';
import { fullTime } from '../texts/format.ts';
import { language, t } from '../texts/texts.ts';
import type { ShownNotice } from './notice-stack.tsx';
import { incidentsWithin } from './watch.ts';

/** A notice of what has been reported, as a person reads it; never rejects, since it is given once only. */
export async function reportedWords(
  halo: Pick<Halo, 'query'>,
  { placeId, name, atMs, isStale }: RiskNotice,
): Promise<ShownNotice> {
  const words = t.watches;
  const { sql, params } = incidentsWithin(placeId, atMs);
  const [row] = await halo.query<{ n: number }>(sql, params).catch(() => []);
  const parts = [words.noticeBody(row?.n ?? 0), ...(isStale ? [words.noticeStale] : [])];
  return { key: `${placeId} ${atMs}`, tag: placeId, title: words.notice(name ?? ''), body: parts.join(' ') };
}

/** A notice of what is forecast, as a person reads it. */
export function forecastWords({ placeId, name, risk, atMs, windowEndMs }: RiskNotice): ShownNotice {
  const words = t.risk;
  const tag = `forecast ${placeId}`;
  return {
    key: `${tag} ${atMs}`,
    tag,
    title: words.notice(name ?? ''),
    body: words.noticeBody(bandName(bandOfRisk(risk), language), fullTime(new Date(windowEndMs))),
  };
}
