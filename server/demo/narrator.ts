/** Tells the demo's story, one line an event, with the seconds since it began. */
export interface Narrator {
  chapter(title: string): void;
  say(who: string, what: string): void;
}

/** Writes to `output`; colours only when it is a terminal. */
export function createNarrator(output: NodeJS.WriteStream, now: () => number): Narrator {
  const startedAt = now();
  const paint = (code: number, text: string) => (output.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    chapter(title) {
      output.write(`\n${paint(1, title)}\n`);
    },
    say(who, what) {
      const seconds = ((now() - startedAt) / 1000).toFixed(1).padStart(5);
      output.write(`${paint(90, `${seconds} s`)}  ${paint(36, who.padEnd(8))} ${what}\n`);
    },
  };
}
