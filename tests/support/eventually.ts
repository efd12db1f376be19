/**
 * Tries `attempt` until it neither throws nor answers false, and returns its value; fails with the last
 * fault after `withinMs`. Deadlines are generous: they tell a hang from a wait, not fast from slow.
 */
export async function eventually<T>(
  attempt: () => Promise<T> | T,
  { withinMs = 60_000, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let fault: unknown;
    try {
      const value = await attempt();
      if (value !== false) return value;
      fault = new Error('the condition stayed false');
    } catch (error) {
      fault = error;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `not within ${withinMs} ms: ${fault instanceof Error ? fault.message : String(fault)}`,
        {
          cause: fault,
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
