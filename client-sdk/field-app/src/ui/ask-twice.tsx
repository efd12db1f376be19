import { useEffect, useId, useRef, useState } from 'react';

/**
 * A button for what cannot be undone: the first press asks, the second does it. The keyboard goes to the way back,
 * and from there to where it was.
 */
export function AskTwice({
  label,
  question,
  yes,
  no,
  onYes,
}: {
  label: string;
  question: string;
  yes: string;
  no: string;
  onYes: () => void;
}) {
  const [asked, setAsked] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const back = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  const questionId = useId();
  useEffect(() => {
    if (asked) back.current?.focus();
    else if (wasAsked.current) first.current?.focus();
    wasAsked.current = asked;
  }, [asked]);
  if (!asked) {
    return (
      <button
        ref={first}
        type="button"
        className="button button-small button-quiet"
        onClick={() => setAsked(true)}
      >
        {label}
      </button>
    );
  }
  return (
    <div className="ask-twice" role="group" aria-labelledby={questionId}>
      <p id={questionId} role="alert">
        {question}
      </p>
      <div className="report-actions">
        <button type="button" className="button button-small button-danger" onClick={onYes}>
          {yes}
        </button>
        <button
          ref={back}
          type="button"
          className="button button-small button-quiet"
          onClick={() => setAsked(false)}
        >
          {no}
        </button>
      </div>
    </div>
  );
}
