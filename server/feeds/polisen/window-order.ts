/**
 * The keys that are missing from the middle of a window, given the one before it. The feed is in an order of
 * its own (neither by key nor by publication: an old item that was touched stands among new ones) and falls
 * off at its end. So an absence proves a withdrawal only when something that stood behind the missing item is
 * still there *and has not moved*: an item that was moved to the front says nothing about what fell off
 * behind it. The items that have not moved are the longest run of survivors in their old order.
 */
export function missingFromMiddle(before: readonly string[], present: readonly string[]): readonly string[] {
  const positionNow = new Map(present.map((id, position) => [id, position]));
  const survivors = before.flatMap((id, position) => {
    const now = positionNow.get(id);
    return now === undefined ? [] : [{ position, now }];
  });
  const lastUnmoved = survivors[endOfLongestRise(survivors.map(({ now }) => now))]?.position ?? 0;
  return before.filter((id, position) => position < lastUnmoved && !positionNow.has(id));
}

/**
 * Index of the last element of a longest strictly rising subsequence (-1 for an empty list); of several, one
 * that ends lowest. Patience sorting, O(n log n); Schensted, "Longest Increasing and Decreasing
 * Subsequences" (1961).
 */
function endOfLongestRise(values: readonly number[]): number {
  const lowestEnds: number[] = [];
  const indexOfEnd: number[] = [];
  values.forEach((value, index) => {
    let low = 0;
    let high = lowestEnds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((lowestEnds[middle] ?? Infinity) < value) low = middle + 1;
      else high = middle;
    }
    lowestEnds[low] = value;
    indexOfEnd[low] = index;
  });
  return indexOfEnd.at(-1) ?? -1;
}
