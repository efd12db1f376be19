import { CHECK_HEADER, DEVICE_HEADER } from '@halo/shapes/protocol/headers.ts';
import type { CheckAnswer } from '@halo/shapes/protocol/device-report.ts';
import type { HaloStatus, ShapeVerification } from '../api.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import type { SettingsStore } from '../platform/device-store.ts';
import { knownDeviceId } from './device-identity.ts';
import type { Environment } from './environment.ts';
import type { HttpRequest } from './http.ts';
import { requestAuthorized } from './session.ts';
import type { AuthorizedOutcome } from './session.ts';

/** What is looked up in the stores is told for so long, in milliseconds. */
const LOOK_EVERY_MS = 10_000;
/** As the server takes them. */
const MAX_VERSION_CHARACTERS = 40;
const MAX_SHAPES = 64;
const CODE = /^[a-z0-9_]{1,60}$/;

export interface ReporterOptions {
  readonly url: string;
  readonly account: string;
  readonly app: { readonly appVersion?: string };
  readonly settings: SettingsStore;
  readonly outbox: Pick<OutboxStore, 'pending'>;
  readonly board: { status(): HaloStatus };
  readonly environment: Pick<Environment, 'now'>;
}

/** What asks the server, and compares the rows of all shapes that are streamed. */
export interface ReportingLoop {
  verify(signal: AbortSignal): Promise<ShapeVerification[]>;
  request(request: Omit<HttpRequest, 'token'>): Promise<AuthorizedOutcome>;
}

/**
 * Tells operators how the device is, in a header of the requests that it sends anyway: nothing wakes the radio for it.
 * And answers them, when they ask whether its replica is right.
 */
export class DeviceReporter {
  readonly #options: ReporterOptions;
  readonly #loop: ReportingLoop;
  readonly #signal: AbortSignal;
  #deviceId: string | undefined;
  #oldestAt: number | undefined;
  #lookedAt = -Infinity;
  /** The check that is being answered, or was last. */
  #check: string | undefined;

  /** `signal` ends what is under way. */
  constructor(options: ReporterOptions, loop: ReportingLoop, signal: AbortSignal) {
    this.#options = options;
    this.#loop = loop;
    this.#signal = signal;
    this.#look();
  }

  /** As `requestAuthorized`: says how the device is, and hears whether the answer asks for a comparison. */
  readonly ask: typeof requestAuthorized = async (http, session, request) => {
    const says = this.says();
    const extra = says === undefined ? {} : { extra: { [DEVICE_HEADER]: says } };
    const outcome = await requestAuthorized(http, session, { ...request, ...extra });
    this.hears(outcome);
    return outcome;
  };

  /** What to say now; undefined while the device has no id. */
  says(): string | undefined {
    const { board, app, environment } = this.#options;
    this.#look();
    const id = this.#deviceId;
    if (id === undefined) return undefined;
    const { outbox, error, replica, streams } = board.status();
    const wrong = error ?? replica.error ?? streams.find((stream) => stream.error !== undefined)?.error;
    const says = new URLSearchParams({ id, p: String(outbox.pending), r: String(outbox.rejected) });
    if (app.appVersion) says.set('v', app.appVersion.slice(0, MAX_VERSION_CHARACTERS));
    if (this.#oldestAt !== undefined && outbox.pending > 0) {
      says.set('o', String(Math.max(0, Math.round((environment.now() - this.#oldestAt) / 1_000))));
    }
    if (wrong !== undefined && CODE.test(wrong.code)) says.set('e', wrong.code);
    return says.toString();
  }

  /** Looks whether the answer asks for a comparison. */
  hears(outcome: AuthorizedOutcome): void {
    const check = outcome.kind === 'answered' ? outcome.headers.get(CHECK_HEADER) : null;
    if (check === null || check === this.#check || this.#deviceId === undefined) return;
    this.#check = check;
    // Where it cannot be said, the server asks again after a while.
    this.#answer(check, this.#deviceId).catch(() => (this.#check = undefined));
  }

  async #answer(check: string, deviceId: string): Promise<void> {
    const signal = this.#signal;
    const body: CheckAnswer = await this.#loop.verify(signal).then(
      (verifications) => ({ shapes: verifications.slice(0, MAX_SHAPES).map(checkedShape), errorCode: null }),
      (error: unknown) => ({ shapes: [], errorCode: codeOf(error) }),
    );
    if (signal.aborted) return;
    const path = `/v1/devices/${encodeURIComponent(deviceId)}/checks/${encodeURIComponent(check)}`;
    const url = new URL(path, this.#options.url).href;
    const outcome = await this.#loop.request({ method: 'POST', url, body, signal });
    if (outcome.kind !== 'answered' || outcome.status >= 500) this.#check = undefined;
  }

  /** The stores answer when they do; what they said last is told meanwhile. */
  #look(): void {
    const { settings, account, outbox, environment } = this.#options;
    if (Math.abs(environment.now() - this.#lookedAt) < LOOK_EVERY_MS && this.#deviceId !== undefined) return;
    this.#lookedAt = environment.now();
    knownDeviceId(settings, account).then(
      (id) => (this.#deviceId = id),
      () => {},
    );
    outbox.pending(1).then(
      ([oldest]) => (this.#oldestAt = oldest && Date.parse(oldest.createdAt)),
      () => {},
    );
  }
}

function checkedShape({ shape, outcome, offset, device, server, rebuilt, error }: ShapeVerification) {
  return {
    ...{ shape, outcome, rebuilt, offset: offset ?? null },
    ...{ deviceRows: device ?? null, serverRows: server ?? null, errorCode: error?.code ?? null },
  };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code.slice(0, 60) : 'verification_failed';
}
