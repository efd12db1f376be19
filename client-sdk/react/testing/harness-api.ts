import type { HaloStatus, OutboxEntry, QueryRow } from '../../api.ts';
import type { Reported } from '../use-report.ts';

/** What one rendering of the screen was given by the hooks. */
export interface Rendering {
  readonly region: string;
  readonly incidents: readonly QueryRow[] | undefined;
  readonly entries: readonly OutboxEntry[] | undefined;
  readonly network: HaloStatus['network'];
  readonly outbox: HaloStatus['outbox'];
  readonly saving: boolean;
  readonly error: { readonly code: string; readonly field: string | undefined } | undefined;
}

/** What the tests of the hooks call in the page that `index.html` makes. */
export interface ReactHarness {
  /** Opens a device and mounts a screen that shows this region. */
  mount(region: string): Promise<void>;
  /** Shows the same screen for another region, or anew for the same. */
  show(region: string): void;
  unmount(): void;
  /** Every rendering so far, the newest last. */
  renderings(): Rendering[];
  /** Queries that were subscribed to since the start, and subscriptions of queries and status that are open now. */
  subscriptions(): { readonly begun: number; readonly open: number };
  /** Reports through the hook. */
  report(severity: number, description: string): Promise<Reported>;
  /** Sends a rejected entry again through the hook. */
  resend(id: string, description: string): Promise<Reported>;
}
