import type { ShownNotice } from './notice-stack.tsx';

const ICON = '/icons/halo-192.png';

/** Shows the notice outside the app, too, where the person has allowed that. Phones show only those of a service worker. */
export function notify({ title, body, tag }: ShownNotice): void {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const registered = navigator.serviceWorker?.getRegistration() ?? Promise.resolve(undefined);
  registered
    .then((registration) => registration?.showNotification(title, { body, tag, icon: ICON }))
    // The notice in the app stands.
    .catch(() => {});
}
