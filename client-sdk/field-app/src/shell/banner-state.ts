import type { HaloStatus } from '@halo/client';
import { bytes, timeAgo } from '../texts/format.ts';
import { errorText, t } from '../texts/texts.ts';

/** How a banner looks: at rest, under way, without a network, good news, or something for the person to do. */
export type BannerTone = 'calm' | 'busy' | 'offline' | 'good' | 'attention';

export interface BannerState {
  readonly tone: BannerTone;
  readonly text: string;
  /** The state of the network, where the text is about something else. */
  readonly network?: string;
  /** What a press on it does; without one it shows the details of the connection. */
  readonly action?: 'log_in' | 'queue';
}

/** Codes of a refused session that a new log-in mends. */
const LOGIN_CODES = new Set([
  'login_required',
  'login_failed',
  'refresh_invalid',
  'refresh_reused',
  'session_revoked',
  'token_expired',
  'token_invalid',
  'token_missing',
]);

const NETWORK_NAMES: Record<HaloStatus['network'], string> = {
  online: t.networkOnline,
  offline: t.networkOffline,
  connecting: t.networkConnecting,
};

/** True when only a log-in helps. */
export function needsLogin(status: HaloStatus): boolean {
  return status.error !== undefined && LOGIN_CODES.has(status.error.code);
}

/**
 * The one thing that the person should know now, the most pressing first. `delivered`: reports that have just
 * arrived, 0 when the moment is over.
 */
export function bannerState(status: HaloStatus, delivered: number, nowMs: number): BannerState {
  const { network, outbox, replica, error } = status;
  const networkName = NETWORK_NAMES[network];
  if (needsLogin(status)) {
    return { tone: 'attention', text: t.bannerLogin, network: networkName, action: 'log_in' };
  }
  // Thanks for one must not hide that another waits, or was refused.
  if (delivered > 0 && outbox.pending + outbox.rejected === 0)
    return { tone: 'good', text: t.bannerDelivered(delivered) };
  if (network === 'offline') {
    const text = outbox.pending === 0 ? t.bannerOffline : t.bannerOfflineQueued(outbox.pending);
    return { tone: 'offline', text };
  }
  if (error !== undefined) {
    return { tone: 'attention', text: t.bannerRefused(errorText(error.code, error.message)) };
  }
  if (outbox.pending > 0) return { tone: 'busy', text: t.bannerSending(outbox.pending) };
  if (outbox.rejected > 0) {
    const text = t.bannerRejected(outbox.rejected);
    return { tone: 'attention', text, network: networkName, action: 'queue' };
  }
  if (replica.state === 'unavailable') {
    return { tone: 'attention', text: t.bannerNoReplica, network: networkName };
  }
  if (replica.state === 'opening') return { tone: 'busy', text: t.bannerOpening };
  if (network === 'connecting') return { tone: 'busy', text: t.bannerConnecting };
  return streamsState(status, nowMs);
}

function streamsState({ streams, lastContactAt, behindBytes }: HaloStatus, nowMs: number): BannerState {
  const refused = streams.find(({ state }) => state === 'refused');
  if (refused !== undefined) {
    const { code, message } = refused.error ?? { code: 'refused', message: '' };
    return { tone: 'attention', text: t.bannerRefused(errorText(code, message)) };
  }
  if (streams.some(({ state }) => state === 'stalled')) {
    const since = lastContactAt === undefined ? '–' : timeAgo(lastContactAt, nowMs);
    return { tone: 'offline', text: t.bannerStalled(since) };
  }
  const live = streams.every(({ state }) => state === 'live');
  if (live) return { tone: 'calm', text: t.bannerLive };
  const behind =
    behindBytes === undefined || behindBytes === 0 ? '' : ` ${t.connection.behindBy(bytes(behindBytes))}.`;
  return { tone: 'busy', text: `${t.bannerCatchingUp}${behind}` };
}

/** How many reports arrived between two states of the outbox. */
export function deliveredBetween(before: HaloStatus['outbox'], after: HaloStatus['outbox']): number {
  const left = before.pending - after.pending;
  const rejected = Math.max(0, after.rejected - before.rejected);
  return Math.max(0, left - rejected);
}
