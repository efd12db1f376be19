import type { Halo } from '../../../api.ts';

/** What the tests of the browser platform call in the page that `index.html` makes. */
export interface Harness {
  outboxCases(): string[];
  runOutboxCase(title: string): Promise<string>;
  appendFromSeveralTabs(count: number): Promise<number[]>;
  open(store: string, region?: string): Promise<void>;
  halo(): Halo;
  report(description: string): Promise<{ id: string; seq: number }>;
}
