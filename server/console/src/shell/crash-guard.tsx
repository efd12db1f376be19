import { Component } from 'react';
import type { ReactNode } from 'react';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';

/** A page that fails leaves the others in reach. */
export class CrashGuard extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <div className="blank blank-bad" role="alert">
        <Icon name="alert" size={28} />
        <h1>{t.crashed}</h1>
        <p>{t.crashedLead}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          {t.reload}
        </button>
      </div>
    );
  }
}
