export { openHalo } from './open-halo.ts';
export { HaloClientError } from './errors.ts';
export { FORECAST_CELLS, WATCHED_FORECASTS } from './geofence/forecast-places.ts';
export { WATCHED_PLACES } from './geofence/watched-places.ts';
export type { DevicePosition, RiskNotice } from './geofence/geofence.ts';
export type {
  NoticeListener,
  PlacesAtRisk,
  PositionSource,
  PositionWatchOptions,
  SourcePosition,
} from './geofence/position-source.ts';
export type {
  Halo,
  HaloAuth,
  HaloOptions,
  HaloStatus,
  NetworkState,
  OutboxEntry,
  OutboxPage,
  QueryRow,
  ShapeSubscription,
  ShapeVerification,
  StatusError,
  StreamState,
  StreamStatus,
  Unsubscribe,
  VerificationOutcome,
} from './api.ts';
export type { ClaimInput, EraseInput, HaloAccount } from './account-api.ts';
export type { HaloMutations, Queued } from './mutations-api.ts';
export type { CommentCreateInput } from '@halo/shapes/mutations/comment-create.ts';
export type { ReportChangesInput } from '@halo/shapes/mutations/report-amend.ts';
export type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';
export type { WatchSetInput } from '@halo/shapes/mutations/watch-set.ts';
export type { IncidentState } from '@halo/shapes/taxonomy/incident-transitions.ts';
export type { OutboxStore, Replacement, StoredMutation } from './outbox/outbox-store.ts';
export type { DeviceStore, SettingsStore } from './platform/device-store.ts';
export type { TabMessage, Tabs, WantedShape } from './platform/tabs.ts';
export type { ReplicaDatabase, ReplicaTransaction, ReplicaTrouble } from './replica/replica-database.ts';
export type { Environment } from './sync/environment.ts';
