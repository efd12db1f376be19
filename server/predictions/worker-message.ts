import type { ServedPlaceKind } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { Artefact } from './forecast.ts';
import type { Champion } from './open-history.ts';
import type { Speaker } from './prediction-store.ts';

/** What a thread is made for. */
export interface WorkerTask {
  readonly databaseUrl: string;
  readonly logLevel: string;
  readonly placeKind: ServedPlaceKind;
  readonly cutOff: Date;
  /** Threads that the ONNX runtime may use. */
  readonly threads: number;
  /** How far it stands back for others, from 0 to 19 (Linux; elsewhere a priority is the process's, and left alone). */
  readonly niceness: number;
}

/** What it is asked to do with its history, one thing at a time. */
export type WorkerRequest =
  | { readonly kind: 'train'; readonly category: string; readonly champion: Champion | undefined }
  | {
      readonly kind: 'draft';
      readonly runId: string;
      readonly speaker: Speaker;
      readonly artefact: Artefact | undefined;
    }
  | { readonly kind: 'close' };

/** What it says: how far it is, and how what was asked ended. The first answer is how many incidents there are. */
export type WorkerAnswer =
  | { readonly kind: 'progress'; readonly step: string; readonly share: number }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
