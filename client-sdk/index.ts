export { openHalo } from './open-halo.ts';
export { HaloClientError } from './errors.ts';
export type {
  Halo,
  HaloAuth,
  HaloOptions,
  HaloStatus,
  NetworkState,
  OutboxEntry,
  QueryRow,
  ShapeSubscription,
  StatusError,
  StreamState,
  StreamStatus,
  Unsubscribe,
} from './api.ts';
export type { DeviceStore } from './platform/device-store.ts';
