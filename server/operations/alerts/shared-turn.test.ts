import { describe, expect, it } from 'vitest';
import { ALERT_KINDS } from './alert.ts';
import { ALERT_PACE } from './alert-watch.ts';
import { afterLook, FRESH_TURN, isSpent, letGo } from './shared-turn.ts';
import type { SharedOutcome, SharedTurn } from './shared-turn.ts';

const after = (turn: SharedTurn, ...outcomes: SharedOutcome[]) => outcomes.reduce(afterLook, turn);
const times = (count: number, outcome: SharedOutcome) => Array<SharedOutcome>(count).fill(outcome);

/** Who held the lease at each look, where two instances fail and take turns. */
function alternate(looks: number): number[] {
  const turns = [FRESH_TURN, FRESH_TURN];
  let holder = 0;
  return Array.from({ length: looks }, () => {
    const held = holder;
    turns[held] = after(turns[held]!, 'untold');
    turns[1 - held] = after(turns[1 - held]!, 'refused');
    if (isSpent(turns[held])) {
      turns[held] = letGo(turns[held]);
      holder = 1 - held;
    }
    return held;
  });
}

describe('the turn of an instance that tells what is shared', () => {
  it('ends after three looks in a row that fail, made under the lease', () => {
    expect(isSpent(after(FRESH_TURN, 'partly', 'untold'))).toBe(false);
    expect(isSpent(after(FRESH_TURN, 'partly', 'untold', 'unread'))).toBe(true);
    expect(isSpent(after(FRESH_TURN, 'partly', 'untold', 'well', 'untold'))).toBe(false);
  });

  it('is not shortened by looks that others made, or by those without Postgres', () => {
    expect(isSpent(after(FRESH_TURN, ...times(30, 'refused'), 'untold', 'untold'))).toBe(false);
    expect(isSpent(after(FRESH_TURN, 'untold', 'untold', 'refused', 'untold'))).toBe(false);
    expect(isSpent(after(FRESH_TURN, ...times(30, 'away'), 'untold', 'untold'))).toBe(false);
  });

  it('soon lasts long enough to raise all that has to last first, though both fail', () => {
    const longest = Math.max(...Object.values(ALERT_KINDS).map(({ raiseAfterMs }) => raiseAfterMs));
    const held = alternate(200).join('');
    expect(held.startsWith('0001110000001111110')).toBe(true);
    const turn = /0{24}1{24}0{24}/.exec(held);
    expect(turn).not.toBeNull();
    expect(24 * ALERT_PACE.everyMs).toBeGreaterThan(longest);
  });

  it('is remembered as one that failed until one of its own goes well', () => {
    const untold = letGo(after(FRESH_TURN, ...times(3, 'untold')));
    expect(after(untold, ...times(24, 'refused')).isUntold).toBe(true);
    expect(after(untold, 'away', 'unread').isUntold).toBe(true);
    expect(after(untold, 'partly').isUntold).toBe(false);
    expect(after(untold, 'well')).toBe(FRESH_TURN);
  });

  it('is forgotten once another has held the lease for longer than one that fails would', () => {
    const untold = letGo(after(FRESH_TURN, ...times(3, 'untold')));
    expect(after(untold, ...times(49, 'refused'))).toBe(FRESH_TURN);
  });
});
