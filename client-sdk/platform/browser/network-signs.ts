/**
 * Hears of a browser's signs that the network came or went. Being looked at again counts as one that it came: a page
 * that was hidden, frozen (`resume`) or kept for the back button (`pageshow`) may have slept through all others.
 */
export function onNetwork(listener: (state: 'came' | 'went') => void): () => void {
  const came = () => listener('came');
  const went = () => listener('went');
  const seen = () => {
    if (document.visibilityState === 'visible') came();
  };
  const signs: readonly [EventTarget, string, () => void][] = [
    [globalThis, 'online', came],
    [globalThis, 'offline', went],
    [globalThis, 'pageshow', came],
    [document, 'visibilitychange', seen],
    [document, 'resume', came],
  ];
  for (const [target, sign, hear] of signs) target.addEventListener(sign, hear);
  return () => {
    for (const [target, sign, hear] of signs) target.removeEventListener(sign, hear);
  };
}
