import type { ShownNotice } from './notice-stack.tsx';

const ICON = '/icons/halo-192.png';

/** Shows the notice outside the app, too, where the person has allowed that. Phones show only those of a service worker. */
export function notify({ title, body, tag }: ShownNotice): void {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  activeWorker()
    .then((registration) => registration?.showNotification(title, { body, tag, icon: ICON }))
    // The notice in the app stands.
    .catch(() => {});
}

/** One that is still being installed, which stores the whole app, shows nothing yet: it is waited for. Where there is none, nothing is. */
async function activeWorker(): Promise<ServiceWorkerRegistration | undefined> {
  const registration = await navigator.serviceWorker?.getRegistration();
  return registration === undefined || registration.active !== null
    ? registration
    : navigator.serviceWorker.ready;
}
