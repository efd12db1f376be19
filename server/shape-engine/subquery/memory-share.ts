import { busy } from '../../platform/gate.ts';
import { TooLarge } from './too-large.ts';

/** What one shape may hold, and what all of them may together. */
export interface Bound {
  readonly ofOne: number;
  readonly ofAll: number;
  /** What is exceeded by one, as its refusal says it. */
  readonly what: string;
  /** What there is too much of where all of them exceed it. */
  readonly things: string;
}

/** Something of which all shapes with subqueries together hold a bounded amount. */
export class SharedAmount {
  readonly #bound: Bound;
  #used = 0;

  constructor(bound: Bound) {
    this.#bound = bound;
  }

  /** What all of them hold. */
  get used(): number {
    return this.#used;
  }

  /** A share, of nothing yet. */
  share(): Share {
    return new Share(this.#bound, (more) => (this.#used += more));
  }
}

/** What one shape holds of it. */
export class Share {
  readonly #bound: Bound;
  readonly #add: (more: number) => number;
  #amount = 0;

  /** @param add adds to what all hold, and answers what that is then. */
  constructor(bound: Bound, add: (more: number) => number) {
    this.#bound = bound;
    this.#add = add;
  }

  /** Says how much the shape holds; throws `TooLarge` where it grows to more than it may, `busy` where to more than all may together. */
  set(amount: number): void {
    const { ofOne, ofAll, what, things } = this.#bound;
    const grows = amount > this.#amount;
    const total = this.#add(amount - this.#amount);
    this.#amount = amount;
    if (!grows) return;
    if (amount > ofOne) throw new TooLarge(what);
    // No fault of this one: another time there may be room.
    if (total > ofAll) throw busy(things);
  }

  /** Gives back all of it. */
  release(): void {
    this.#add(-this.#amount);
    this.#amount = 0;
  }
}
