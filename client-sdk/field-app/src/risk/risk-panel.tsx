import { useState } from 'react';
import { RISK_BANDS } from '@halo/shapes/taxonomy/risk-bands.ts';
import { hashOf } from '../shell/route.ts';
import { timeAgo } from '../texts/format.ts';
import { language, locale, t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';
import { isCell } from './risk-place.ts';
import { RiskList } from './risk-list.tsx';
import { chooseRisk, useRiskChoice } from './risk-store.ts';
import { windowName } from './risk-windows.ts';
import type { RiskWindow } from './risk-windows.ts';
import { useModelAnswer } from './use-model-answer.ts';
import type { Risk } from './use-risk.ts';

const words = t.risk;

/** Turns the layer of what is forecast on, and goes through its windows. */
export function RiskPanel({ risk, onRisk }: { risk: Risk; onRisk: (place: string) => void }) {
  const { on } = useRiskChoice();
  // The button that was pressed goes: the one in its place takes the keyboard over.
  const [isPressed, setIsPressed] = useState(false);
  const turn = (next: boolean) => {
    setIsPressed(true);
    chooseRisk(next ? { on: true, startMs: undefined } : { on: false });
  };
  if (!on) {
    return (
      <button
        type="button"
        className="button button-quiet risk-open"
        aria-label={words.show}
        autoFocus={isPressed}
        onClick={() => turn(true)}
      >
        {words.layer}
      </button>
    );
  }
  return (
    <section className="risk-panel" aria-label={words.title}>
      <header className="risk-head">
        <h2 className="risk-title">{words.title}</h2>
        <a className="link risk-quality" href={hashOf('quality')}>
          {words.quality}
        </a>
        <button
          type="button"
          className="icon-button"
          aria-label={words.hide}
          autoFocus={isPressed}
          onClick={() => turn(false)}
        >
          <Icon name="close" />
        </button>
      </header>
      <Contents risk={risk} onRisk={onRisk} />
    </section>
  );
}

function Contents({ risk, onRisk }: { risk: Risk; onRisk: (place: string) => void }) {
  const { windows, index, places, hasCome, isOver } = risk;
  const nowMs = useNow();
  // Asked for while there is a network, so that a press on a place says who speaks without one.
  useModelAnswer();
  const [isListed, setIsListed] = useState(false);
  const window = windows?.[index];
  if (windows === undefined) return <p className="risk-note">{t.loading}</p>;
  if (window === undefined) {
    const why = isOver ? words.over : hasCome ? words.none : words.waiting;
    return (
      <p className="risk-note" role="status">
        {why}
      </p>
    );
  }
  const name = windowName(window, nowMs, words.windows, locale);
  return (
    <>
      <WindowSlider windows={windows} index={index} name={name} />
      <div className="risk-line">
        <Age risk={risk} nowMs={nowMs} />
        <button
          type="button"
          className="button button-small button-quiet"
          aria-haspopup="dialog"
          onClick={() => setIsListed(true)}
        >
          {words.list}
        </button>
      </div>
      <BandLegend />
      {places.length > 0 && !places.some(isCell) && <p className="risk-note">{words.areasOnly}</p>}
      {isListed && (
        <RiskList
          name={name}
          places={places}
          onClose={() => setIsListed(false)}
          onRisk={(place) => {
            setIsListed(false);
            onRisk(place);
          }}
        />
      )}
    </>
  );
}

function WindowSlider({
  windows,
  index,
  name,
}: {
  windows: readonly RiskWindow[];
  index: number;
  name: string;
}) {
  const goTo = (next: number) => {
    const start = windows[next]?.window_start.getTime();
    if (start !== undefined) chooseRisk({ startMs: start });
  };
  return (
    <div className="risk-slider">
      {/* The slider says the same to who hears it. */}
      <p className="risk-window" aria-hidden="true">
        {name}
      </p>
      <input
        type="range"
        min={0}
        max={windows.length - 1}
        step={1}
        value={index}
        aria-label={words.window}
        aria-valuetext={name}
        onChange={({ target }) => goTo(Number(target.value))}
      />
    </div>
  );
}

/** How old it is; in plain words and another colour where it should have been replaced. */
function Age({ risk: { age }, nowMs }: { risk: Risk; nowMs: number }) {
  if (age === undefined) return null;
  const ago = timeAgo(age.computedAt, nowMs);
  return (
    // An age that ticks is not told aloud; that it is old is.
    <p className={age.stale ? 'risk-note risk-stale' : 'risk-note'} role={age.stale ? 'status' : undefined}>
      {age.stale ? words.stale(ago) : words.computed(ago)}
    </p>
  );
}

function BandLegend() {
  return (
    <ol className="risk-legend" aria-label={words.legend}>
      {RISK_BANDS.map(({ band, ...names }) => (
        <li key={band}>
          <span className={`risk-swatch risk-${band}`} />
          {names[language]}
        </li>
      ))}
    </ol>
  );
}
