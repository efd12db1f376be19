import type { Checksum } from '@halo/shapes/protocol/checksum.ts';
import type { Logger } from '../platform/logger.ts';

/** What a device says that its rows come to, and what they are at the server. */
export interface Comparison {
  readonly shape: string;
  readonly userId: string;
  readonly offset: string;
  readonly device: Checksum;
  readonly server: Checksum;
}

/** Counts how devices' rows compared with the server's, and tells the log of each that did not. */
export class ChecksumTally {
  readonly #logger: Logger;
  #equal = 0;
  #different = 0;

  constructor(logger: Logger) {
    this.#logger = logger.child({ component: 'shape-api' });
  }

  /** Since the start. */
  get counts(): { readonly equal: number; readonly different: number } {
    return { equal: this.#equal, different: this.#different };
  }

  /** Takes note of a comparison; true when the two are equal. */
  note(comparison: Comparison): boolean {
    const { device, server } = comparison;
    if (device.rows === server.rows && device.digest === server.digest) {
      this.#equal += 1;
      return true;
    }
    this.#different += 1;
    // What a device holds is its own word; that it should never differ is ours.
    this.#logger.warn(comparison, "a device's rows differ from the server's");
    return false;
  }
}
