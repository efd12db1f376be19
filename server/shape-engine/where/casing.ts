/** How a collation changes the case of texts, exactly. */
export interface Casing {
  lower(text: string): string;
  upper(text: string): string;
}

/** ASCII letters and nothing else, as in the "C" collation. */
export const ASCII_CASING: Casing = {
  lower: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  upper: (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()),
};

/** A character, and what it becomes where that is another one. */
export interface CasePair {
  readonly character: string;
  readonly lower: string;
  readonly upper: string;
}

/** Character by character, by what Postgres says of each. */
export function casingOf(pairs: readonly CasePair[]): Casing {
  return {
    lower: mapping(pairs.map(({ character, lower }) => [character, lower])),
    upper: mapping(pairs.map(({ character, upper }) => [character, upper])),
  };
}

function mapping(pairs: readonly (readonly [string, string])[]): (text: string) => string {
  const changed = new Map(pairs.filter(([from, to]) => from !== to));
  return (text) => {
    let result = '';
    for (const character of text) result += changed.get(character) ?? character;
    return result;
  };
}
