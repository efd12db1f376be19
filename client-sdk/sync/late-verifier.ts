import type { ShapeVerification } from '../api.ts';
import { loadPart } from '../load-part.ts';
import type { Verifier, VerifierOptions } from './verifier.ts';

/** When it is first looked whether a shape is due, in milliseconds, give or take a half. */
const FIRST_LOOK_MS = 120_000;

/** The verifier, whose code an app loads when it first needs it: minutes after its start, or when it is asked to compare. */
export class LateVerifier {
  readonly #options: VerifierOptions;
  #loading: Promise<Verifier> | undefined;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** As `Verifier.verify`; rejects also with `part_not_loaded`. */
  async verify(signal: AbortSignal): Promise<ShapeVerification[]> {
    return (await this.#load()).verify(signal);
  }

  /** As `Verifier.run`, after a while. */
  async run(signal: AbortSignal): Promise<void> {
    const { environment, replica } = this.#options;
    if ((await replica.opened) === undefined) return;
    let verifier: Verifier | undefined;
    while (verifier === undefined && !signal.aborted) {
      await environment.sleep(FIRST_LOOK_MS * (0.5 + environment.random()), signal);
      if (signal.aborted) return;
      // Without a network it may not be there yet.
      verifier = await this.#load().catch(() => undefined);
    }
    await verifier?.run(signal);
  }

  #load(): Promise<Verifier> {
    this.#loading ??= loadPart(() => import('./verifier.ts')).then(
      ({ Verifier: Loaded }) => new Loaded(this.#options),
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}
