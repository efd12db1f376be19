import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { Session } from './session/session.ts';
import { browserTokens } from './session/token-store.ts';
import { showKeptTheme } from './shell/theme.tsx';
import { Follower } from './sync/follower.ts';
import { language } from './texts/language.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/tables.css';
import './styles/charts.css';
import './styles/alerts.css';
import './styles/map.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

document.documentElement.lang = language;
showKeptTheme();
const request: typeof fetch = (input, init) => fetch(input, init);
const session = new Session({
  request,
  tokens: browserTokens(),
  nowMs: () => Date.now(),
});
const follower = new Follower({
  ...{ session, request, origin: location.origin },
  rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
// Raised by other tabs only.
addEventListener('storage', () => void session.changedElsewhere());
void session.open();

createRoot(root).render(
  <StrictMode>
    <App parts={{ session, follower }} />
  </StrictMode>,
);
