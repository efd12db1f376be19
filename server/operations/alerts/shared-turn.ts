/** How an instance has lately fared with what is shared, which is told under a lease; it knows only its own looks. */
export interface SharedTurn {
  /** Looks in a row, made under the lease, at which something could not be read or written. */
  readonly failed: number;
  /** So many of them end the turn: another instance, which may see more, can take the lease. */
  readonly patience: number;
  /** Looks in a row at which another instance held the lease. */
  readonly refused: number;
  /** The last look of its own at what is shared came to nothing. */
  readonly isUntold: boolean;
}

/**
 * What became of one look at what is shared: `well` and `partly` were written down, the latter without what could not be read;
 * `untold` was not; `unread` had the lease and nothing to judge; at `refused` another instance had the lease; `away` was not tried.
 */
export type SharedOutcome = 'well' | 'partly' | 'untold' | 'unread' | 'refused' | 'away';

const FIRST_PATIENCE = 3;
/** Six minutes at the usual pace: within one turn whatever has to last before it is raised does. */
const MAX_PATIENCE = 24;
/** Twice the longest turn, for a look that fails may take long: whoever holds the lease for longer does not fail. */
const HELD_WELL_AFTER = 2 * MAX_PATIENCE;

/** An instance of which nothing bad is known. */
export const FRESH_TURN: SharedTurn = { failed: 0, patience: FIRST_PATIENCE, refused: 0, isUntold: false };

/** What is known after a look; pure. */
export function afterLook(turn: SharedTurn, outcome: SharedOutcome): SharedTurn {
  switch (outcome) {
    case 'well':
      return FRESH_TURN;
    case 'partly':
      return { ...turn, failed: turn.failed + 1, refused: 0, isUntold: false };
    case 'untold':
      return { ...turn, failed: turn.failed + 1, refused: 0, isUntold: true };
    case 'unread':
      return { ...turn, failed: turn.failed + 1, refused: 0 };
    case 'refused': {
      const refused = turn.refused + 1;
      return refused > HELD_WELL_AFTER ? FRESH_TURN : { ...turn, failed: 0, refused };
    }
    case 'away':
      return turn;
  }
}

/** Whether the lease is to be left to others; pure. */
export function isSpent({ failed, patience }: SharedTurn): boolean {
  return failed >= patience;
}

/**
 * What is known once the lease was let go; pure. Each turn is longer than the one before: where nobody sees more, alerts that
 * need time are raised by somebody all the same, and where somebody new does, it need not wait for ever.
 */
export function letGo(turn: SharedTurn): SharedTurn {
  return { ...turn, failed: 0, patience: Math.min(2 * turn.patience, MAX_PATIENCE) };
}
