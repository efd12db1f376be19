import type { Locator, Page } from 'playwright-core';
import { eventually } from '../support/eventually.ts';

/** What is pressed, filled in or chosen, by its role in the accessibility tree. */
const OPERATED = new Set([
  ...[
    'button',
    'link',
    'textbox',
    'searchbox',
    'combobox',
    'checkbox',
    'radio',
    'switch',
    'slider',
    'DateTime',
  ],
]);
/** What a person who hears the page goes by. */
const NAMED = new Set([...OPERATED, 'navigation', 'dialog', 'region', 'img', 'radiogroup']);
const LIVE = new Set(['status', 'alert', 'log']);

/** How often, and how far apart in milliseconds, a tree without any heading is asked for again before that is a fault. */
const TREE_ATTEMPTS = 120;
const TREE_WAIT_MS = 250;

interface AxNode {
  readonly nodeId: string;
  readonly parentId?: string;
  readonly ignored: boolean;
  readonly role?: { readonly value?: string };
  readonly name?: { readonly value?: string };
}

/** What a screen reader would stumble over, by Chromium's accessibility tree: what has no name, no place, or speaks twice. */
export async function spokenFaultsOf(page: Page): Promise<string[]> {
  const nodes = await treeOf(page);
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const roleOf = ({ role }: AxNode) => role?.value ?? '';
  const isInside = (node: AxNode, roles: ReadonlySet<string>): boolean => {
    const parent = node.parentId === undefined ? undefined : byId.get(node.parentId);
    return parent !== undefined && (roles.has(roleOf(parent)) || isInside(parent, roles));
  };
  const heard = nodes.filter(({ ignored }) => !ignored);
  const faults: string[] = [];
  for (const node of heard) {
    const role = roleOf(node);
    const isNamed = (node.name?.value ?? '').trim() !== '';
    if (NAMED.has(role) && !isNamed) faults.push(`${role} without a name`);
    if (LIVE.has(role) && isInside(node, LIVE)) faults.push(`${role} inside of what speaks already`);
  }
  const count = (role: string) => heard.filter((node) => roleOf(node) === role).length;
  // Behind a dialog nothing is heard.
  if (count('dialog') > 1) faults.push('two dialogs at once');
  if (count('dialog') === 0 && count('main') !== 1) faults.push(`${count('main')} main parts`);
  if (count('heading') === 0) faults.push('no heading');
  return faults;
}

/** The accessibility tree, once it holds a page: Chromium hands out a bare root where it has not built the rest yet. */
async function treeOf(page: Page): Promise<AxNode[]> {
  const session = await page.context().newCDPSession(page);
  let nodes: AxNode[] = [];
  try {
    await session.send('Accessibility.enable');
    for (let attempt = 0; attempt < TREE_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await page.waitForTimeout(TREE_WAIT_MS);
      ({ nodes } = await session.send('Accessibility.getFullAXTree'));
      if (nodes.some(({ ignored, role }) => !ignored && role?.value === 'heading')) break;
    }
  } finally {
    await session.detach();
  }
  return nodes;
}

/** Notes from now on what the page's live regions say, until it is loaded anew. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate(LISTEN);
}

/** What was said since `listen`, in the order it was: politely or at once, and the words. */
export async function said(page: Page): Promise<string[]> {
  return page.evaluate<string[]>('globalThis.said');
}

/** Runs in the page: a live region speaks when its words change, and once for all that changes together. */
const LISTEN = `
  globalThis.said = [];
  const regions = '[role=status], [role=alert], [aria-live]';
  const last = new WeakMap();
  const wordsOf = (region) => region.innerText.trim();
  for (const region of document.querySelectorAll(regions)) last.set(region, wordsOf(region));
  new MutationObserver((records) => {
    const changed = new Set(records.map(({ target }) =>
      (target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement)?.closest(regions)));
    for (const region of changed) {
      if (region == null || !region.isConnected) continue;
      const words = wordsOf(region);
      if (words === last.get(region)) continue;
      last.set(region, words);
      if (words === '') continue;
      const polite = region.getAttribute('aria-live') ?? (region.role === 'alert' ? 'assertive' : 'polite');
      globalThis.said.push(polite + ': ' + words);
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  undefined`;

/** Most presses of Tab from one end of a screen to the other. */
const MAX_TABS = 80;

/** Goes to what is asked for with Tab alone, where it must be seen to be. */
export async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await target.waitFor({ state: 'attached' });
  const passed = new Set<string>();
  for (let presses = 0; presses <= MAX_TABS; presses += 1) {
    if ((await target.and(page.locator(':focus')).count()) > 0) {
      // A list that is told news at this moment draws its rows again.
      return eventually(() => page.evaluate<boolean>(FOCUS_IS_SEEN), { withinMs: 2_000 }).then(
        () => {},
        () => Promise.reject(new Error(`${target.toString()} is not seen to be focused`)),
      );
    }
    passed.add(await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 60)'));
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not come to ${target.toString()}, but to ${[...passed].join('; ')}`);
}

/** Goes there with Tab and presses Enter. */
export async function enter(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

/** Runs in the page: the focused element, or what stands for it, has an outline or a shadow. */
const FOCUS_IS_SEEN = `(() => {
  const focused = document.activeElement;
  const styles = [focused, focused.nextElementSibling, focused.closest('label')]
    .filter(Boolean).flatMap((element) => [getComputedStyle(element), getComputedStyle(element, '::after')]);
  return styles.some(({ outlineStyle, outlineWidth, boxShadow }) =>
    (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none');
})()`;
