import type { Artefact, History, Series } from './forecast.ts';

/** What a worker thread is asked to do. */
export type WorkerTask =
  | {
      readonly kind: 'train';
      readonly history: History;
      readonly series: Series;
      readonly cutOff: Date;
      readonly champion: { readonly artefact: Artefact; readonly cutOff: Date } | undefined;
    }
  | {
      readonly kind: 'score';
      readonly history: History;
      readonly series: Series;
      readonly cutOff: Date;
      readonly artefact: Artefact | undefined;
      /** Threads that the ONNX runtime may use. */
      readonly threads: number;
    };

/** What it says: how far it is, and how it ended. */
export type WorkerAnswer =
  | { readonly kind: 'progress'; readonly step: string; readonly share: number }
  | { readonly kind: 'done'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
