import { t } from '../texts/texts.ts';
import { useNotices } from './notices-context.ts';

const words = t.watches;
const STATES = { off: words.noticesOff, paused: words.noticesPaused, on: words.noticesOn };

/** Whether notices are on, why they may not come, and the press that turns them on or off. */
export function NoticesSwitch() {
  const { state, problem, turnOn, turnOff } = useNotices();
  return (
    <section className={`notices-switch notices-${state}`} aria-label={words.title}>
      <div>
        <p className="notices-state" role="status">
          {STATES[state]}
        </p>
        <p className={problem === undefined ? 'field-hint' : 'field-error'} role="status">
          {problem === undefined ? words.noticesHint : problemText(problem)}
        </p>
      </div>
      <button
        type="button"
        className={state === 'on' ? 'button button-quiet' : 'button'}
        onClick={state === 'on' ? turnOff : turnOn}
      >
        {state === 'on' ? words.turnOff : words.turnOn}
      </button>
    </section>
  );
}

function problemText(code: string): string {
  if (code === 'position_denied') return words.denied;
  if (code === 'position_unavailable') return words.unavailable;
  return words.failed(code);
}
