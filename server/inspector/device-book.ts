import type { DeviceReport } from '@halo/shapes/protocol/device-report.ts';
import type { DeviceEventKind } from '@halo/shapes/protocol/inspector-devices.ts';
import { DUE_MS, EVENTS_DUE_MS } from './judge-device.ts';
import type { AskedPosition } from './read-position.ts';

/** Devices that are remembered; the one unheard for longest goes first. */
const MAX_DEVICES = 50_000;
/** Shapes of one device that are followed here; a device that asks for more than the house has asks for no good. */
const MAX_SHAPES = 64;
/** Events that wait to be written; more are dropped. */
const MAX_EVENTS = 5_000;
/** What happens again within this time counts as the same. */
const SAME_EVENT_MS = 60_000;
/** Kinds of events that are told apart of one device at a time. */
const MAX_KINDS = 20;
/** After this long it has gone and comes again. */
const GONE_AFTER_MS = 120_000;
/** A body that is taken slowly shows that somebody takes it, within this time: then a reader that stalls is cut. */
const TAKES_WITHIN_MS = 90_000;

/** What is written down when it changes; the age of the oldest entry does all the time. */
const TOLD = ['v', 'p', 'r', 'e'] as const;

/** Who asks, by his token, and the device where it names itself. */
export interface Asking {
  readonly userId: string;
  readonly sessionId: string;
  readonly report: DeviceReport | undefined;
}

/** One shape of a device; times in milliseconds of the monotonic clock. */
interface FollowedShape extends AskedPosition {
  askedMs: number;
  movedMs: number;
}

/** A device or a log-in, as this instance hears it. */
export interface HeardDevice {
  readonly id: string;
  readonly userId: string;
  readonly knownBy: 'device' | 'session';
  sessionId: string;
  heardMs: number;
  /** Since when it was never silent for longer than it may be. */
  sinceMs: number;
  dueMs: number;
  report: DeviceReport | undefined;
  error: { readonly code: string; readonly atMs: number } | undefined;
  readonly shapes: Map<string, FollowedShape>;
  /** Answers that are not live and are still being taken. */
  taking: number;
  /** What it says has changed, or it has come again. */
  changed: boolean;
  /** It reads a shape in another way than before: to be written at once. */
  turned: boolean;
  statusWrittenMs: number;
  writtenMs: number;
  /** The database takes it for this person's. */
  accepted: boolean;
  readonly recent: Map<string, { readonly atMs: number; times: number; readonly event: DeviceHappening }>;
}

/** Something to be written down. */
export interface DeviceHappening {
  readonly deviceId: string;
  readonly userId: string;
  readonly kind: DeviceEventKind;
  readonly shape: string | null;
  readonly code: string | null;
}

/** The same, with when and how often. */
export interface TimedHappening extends DeviceHappening {
  readonly atMs: number;
  readonly times: number;
}

/** What this instance hears of devices, in memory: cheap at each request, and written down now and then. */
export class DeviceBook {
  readonly #nowMs: () => number;
  /** By id, the one unheard for longest first. */
  readonly #devices = new Map<string, HeardDevice>();
  /** Devices that named themselves, by log-in. */
  readonly #ofSessions = new Map<string, string>();
  #events: TimedHappening[] = [];

  /** @param nowMs a monotonic clock in milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Devices that are remembered, the one unheard for longest first. */
  all(): Iterable<HeardDevice> {
    return this.#devices.values();
  }

  /** A request has come: the one proof that somebody is there. */
  heard({ userId, sessionId, report }: Asking): HeardDevice {
    const named = report?.id ?? this.#ofSessions.get(sessionId) ?? sessionId;
    // Whose a device is, is settled with the first who names it.
    const isTheirs = (this.#devices.get(named)?.userId ?? userId) === userId;
    const id = isTheirs ? named : sessionId;
    const known = this.#devices.get(id);
    const nowMs = this.#nowMs();
    const device = known ?? this.#add(id, userId, sessionId, nowMs);
    this.#devices.delete(id);
    this.#devices.set(id, device);
    const silentMs = nowMs - device.heardMs;
    if (known !== undefined && silentMs > Math.max(GONE_AFTER_MS, device.dueMs)) this.#came(device);
    if (silentMs > device.dueMs) device.sinceMs = nowMs;
    device.heardMs = nowMs;
    device.dueMs = this.#dueOf(device);
    if (device.sessionId !== sessionId) {
      device.sessionId = sessionId;
      device.changed = true;
    }
    if (report !== undefined && isTheirs) {
      this.#adopt(device, sessionId);
      this.#reported(device, report);
    }
    return device;
  }

  /** The device has named itself in what it sent. */
  named(sessionId: string, deviceId: string): void {
    this.#ofSessions.delete(sessionId);
    this.#ofSessions.set(sessionId, deviceId);
    if (this.#ofSessions.size > MAX_DEVICES) this.#ofSessions.delete(this.#ofSessions.keys().next().value!);
  }

  /** It has asked for a shape. */
  asked(device: HeardDevice, position: AskedPosition): void {
    const nowMs = this.#nowMs();
    const known = device.shapes.get(position.shape);
    if (known?.run !== position.run) this.#forgetOtherRuns(device, position.run);
    const hasMoved =
      known === undefined || known.offset !== position.offset || known.phase !== position.phase;
    if (position.phase === 'snapshot' && known?.phase !== 'snapshot') {
      this.happened(device, 'snapshot', position.shape, null);
    }
    device.turned ||= known?.phase !== position.phase;
    device.shapes.set(position.shape, {
      ...position,
      askedMs: nowMs,
      movedMs: hasMoved ? nowMs : known.movedMs,
    });
    if (device.shapes.size > MAX_SHAPES) device.shapes.delete(device.shapes.keys().next().value!);
    device.dueMs = this.#dueOf(device);
  }

  /** It was told to come again later. */
  sentAway(device: HeardDevice, afterMs: number): void {
    device.dueMs = Math.max(device.dueMs, DUE_MS + Math.min(afterMs, 300_000));
  }

  /** The server has refused it something, or failed. */
  refused(
    device: HeardDevice,
    kind: 'refused' | 'failed' | 'refetch',
    shape: string | null,
    code: string,
  ): void {
    this.happened(device, kind, shape, kind === 'refetch' ? null : code);
    if (kind === 'refetch') return;
    device.changed ||= device.error?.code !== code;
    device.error = { code, atMs: this.#nowMs() };
  }

  /** Takes note of an event, or that the last one of its kind has happened again. */
  happened(device: HeardDevice, kind: DeviceEventKind, shape: string | null, code: string | null): void {
    const nowMs = this.#nowMs();
    const key = `${kind}/${shape ?? ''}/${code ?? ''}`;
    const before = device.recent.get(key);
    if (before !== undefined && nowMs - before.atMs < SAME_EVENT_MS) {
      before.times += 1;
      return;
    }
    if (before !== undefined && before.times > 0) this.#emit(before.event, before.atMs, before.times);
    const event = { deviceId: device.id, userId: device.userId, kind, shape, code };
    device.recent.delete(key);
    // Whoever thinks up ever new ones is not written down each time.
    if (device.recent.size >= MAX_KINDS) return;
    device.recent.set(key, { atMs: nowMs, times: 0, event });
    this.#emit(event, nowMs, 1);
  }

  /** Hands over what is to be written, with what has happened again since. */
  takeEvents(): readonly TimedHappening[] {
    const nowMs = this.#nowMs();
    for (const { recent } of this.#devices.values()) {
      if (recent.size === 0) continue;
      for (const [key, { atMs, times, event }] of recent) {
        if (nowMs - atMs < SAME_EVENT_MS) continue;
        recent.delete(key);
        if (times > 0) this.#emit(event, atMs, times);
      }
    }
    const taken = this.#events;
    this.#events = [];
    return taken;
  }

  /** They could not be written: they are handed over again. */
  giveBack(events: readonly TimedHappening[]): void {
    this.#events = [...events, ...this.#events];
    const over = this.#events.length - MAX_EVENTS;
    if (over > 0) this.#events.splice(0, over);
  }

  /** It takes an answer that it did not have to wait for; to be called when that has ended. */
  takes(device: HeardDevice): () => void {
    device.taking += 1;
    return () => {
      device.taking -= 1;
      if (device.taking > 0) return;
      // It has taken all of it, or was cut: either way it was there not long ago.
      device.dueMs = this.#nowMs() - device.heardMs + this.#dueOf(device);
    };
  }

  /** How long after its last request it must ask again. */
  dueMs(device: HeardDevice): number {
    if (device.taking === 0) return device.dueMs;
    return Math.max(device.dueMs, this.#nowMs() - device.heardMs + TAKES_WITHIN_MS);
  }

  #dueOf(device: HeardDevice): number {
    let isStream = false;
    for (const { events } of device.shapes.values()) isStream ||= events;
    return isStream ? EVENTS_DUE_MS : DUE_MS;
  }

  #add(id: string, userId: string, sessionId: string, nowMs: number): HeardDevice {
    const device: HeardDevice = {
      id,
      userId,
      knownBy: id === sessionId ? 'session' : 'device',
      sessionId,
      heardMs: nowMs,
      sinceMs: nowMs,
      dueMs: DUE_MS,
      report: undefined,
      error: undefined,
      shapes: new Map(),
      taking: 0,
      changed: true,
      turned: true,
      statusWrittenMs: -Infinity,
      writtenMs: -Infinity,
      accepted: false,
      recent: new Map(),
    };
    if (this.#devices.size >= MAX_DEVICES) this.#devices.delete(this.#devices.keys().next().value!);
    this.#devices.set(id, device);
    this.happened(device, 'came', null, null);
    return device;
  }

  /** What was heard of the log-in before the device named itself was this device. */
  #adopt(device: HeardDevice, sessionId: string): void {
    const unnamed = this.#devices.get(sessionId);
    if (unnamed === undefined || unnamed === device || unnamed.userId !== device.userId) return;
    for (const [shape, followed] of unnamed.shapes)
      if (!device.shapes.has(shape)) device.shapes.set(shape, followed);
    this.#devices.delete(sessionId);
  }

  #came(device: HeardDevice): void {
    device.changed = true;
    device.shapes.clear();
    this.happened(device, 'came', null, null);
  }

  #reported(device: HeardDevice, report: DeviceReport): void {
    this.named(device.sessionId, device.id);
    const before = device.report;
    device.report = report;
    device.changed ||= TOLD.some((name) => before?.[name] !== report[name]);
    if (before !== undefined && before.v !== report.v)
      this.happened(device, 'version', null, report.v ?? null);
    if (before?.e === report.e) return;
    if (report.e !== undefined) this.happened(device, 'error', null, report.e);
    else if (before?.e !== undefined) this.happened(device, 'recovered', null, before.e);
  }

  /** A client that begins again asks for all its shapes; what it does not ask for it follows no more. */
  #forgetOtherRuns(device: HeardDevice, run: string): void {
    for (const [shape, followed] of device.shapes) if (followed.run !== run) device.shapes.delete(shape);
  }

  #emit(event: DeviceHappening, atMs: number, times: number): void {
    if (this.#events.length < MAX_EVENTS) this.#events.push({ ...event, atMs, times });
  }
}
