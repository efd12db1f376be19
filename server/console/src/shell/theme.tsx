import { useState } from 'react';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';

const KEY = 'halo-console-theme';
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function keptTheme(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    // Storage is forbidden here: the system's colours.
    return 'auto';
  }
}

function show(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Puts the colours on that were chosen here before; before the first page is drawn. */
export function showKeptTheme(): void {
  show(keptTheme());
}

/** A choice of colours, kept in this browser. */
export function ThemeChoice() {
  const [theme, setTheme] = useState(keptTheme);
  const choose = (next: Theme) => {
    setTheme(next);
    show(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // It holds as long as the page.
    }
  };
  return (
    <fieldset>
      <legend className="visually-hidden">{t.theme.legend}</legend>
      <div className="theme">
        {THEMES.map((each) => (
          <label key={each} title={t.theme[each]}>
            <input type="radio" name="theme" checked={theme === each} onChange={() => choose(each)} />
            <Icon name={each} size={17} />
            <span className="visually-hidden">{t.theme[each]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
