/**
 * Notes where the keyboard is, before a press takes away what was pressed; what it returns puts the keyboard to what
 * stood around that: without it Tab would begin at the top of the page again.
 */
export function wayBack(): () => void {
  const around = document.activeElement?.closest<HTMLElement>('dialog, main');
  const target = around?.matches('dialog') === true ? around.querySelector<HTMLElement>('button') : around;
  return () => target?.focus({ preventScroll: true });
}
