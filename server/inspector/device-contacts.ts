import type { Context } from 'hono';
import type { Caller, CallerEnv, RequireCaller } from '../auth/identity.ts';

/** Takes note of who asks: the contract of what stands in front of the routes that devices use. */
export interface DeviceContacts {
  /** The same guard, which takes note of each request that it lets through. */
  observing(requireCaller: RequireCaller): RequireCaller;
  /** A batch of mutations has come from this device. */
  batchOf(caller: Caller, deviceId: string): void;
}

/** A request behind `RequireCaller`. */
export type CallerContext = Context<CallerEnv>;
