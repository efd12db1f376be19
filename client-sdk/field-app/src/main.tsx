import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { accountRequests } from './device/account-requests.ts';
import { DeviceSession } from './device/device-session.ts';
import { openDevice } from './device/open-device.ts';
import { browserStorage, preferencesIn } from './device/preferences.ts';
import { watchForUpdates } from './pwa/updates.ts';
import { language } from './texts/texts.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/forms.css';
import './styles/shell.css';
import './styles/lists.css';
import './styles/map.css';
import './styles/incidents.css';
import './styles/watches.css';
import './styles/sending.css';
import './styles/risk.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

document.documentElement.lang = language;
const preferences = preferencesIn(browserStorage());
const requests = accountRequests(
  (input, init) => fetch(input, init),
  () => navigator.onLine,
);
const session = new DeviceSession({ open: openDevice, requests, preferences });
const updates = watchForUpdates();
void session.start();
// Raised by other tabs only.
addEventListener('storage', () => void session.changedElsewhere());
// Without this a browser short of disk may throw the outbox away; it may say no, and nothing more can be done.
void navigator.storage?.persist?.().catch(() => false);

createRoot(root).render(
  <StrictMode>
    <App parts={{ session, preferences }} updates={updates} />
  </StrictMode>,
);
