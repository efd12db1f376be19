/**
 * Calls what the app gave. What it throws is the app's, reported as uncaught like an event listener's: it must
 * not end a stream or a delivery.
 */
export function callListener(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
