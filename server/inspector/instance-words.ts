import type { InstanceState } from '@halo/shapes/protocol/inspector.ts';

/** A text in both languages. */
interface Words {
  readonly text: string;
  readonly textSv: string;
}

const WORDS: Readonly<Record<InstanceState, Words>> = {
  live: {
    text: 'Its log has all that Postgres had a moment ago.',
    textSv: 'Dess logg har allt som Postgres hade nyss.',
  },
  behind: {
    text: 'Its log lacks what Postgres has committed, and takes more all the time.',
    textSv: 'Dess logg saknar sådant som Postgres har skrivit, och läser in det efter hand.',
  },
  silent: {
    text: 'It is connected to Postgres, and nothing comes over the connection: it may be paused or cut.',
    textSv: 'Den är ansluten till Postgres, men inget kommer: förbindelsen kan vara pausad eller bruten.',
  },
  disconnected: {
    text: 'It does not read its replication slot, though Postgres answers.',
    textSv: 'Den läser inte sin replikeringsplats, fast Postgres svarar.',
  },
  postgres_down: {
    text: 'Postgres does not answer it.',
    textSv: 'Postgres svarar den inte.',
  },
  gone: {
    text: 'It has said nothing of itself for so long that it must have stopped.',
    textSv: 'Den har inte sagt något om sig på så länge att den måste ha stannat.',
  },
};

/** What a state means. */
export function stateWords(state: InstanceState, upstream: boolean): Words {
  if (!upstream || state === 'gone') return WORDS[state];
  return {
    text: 'Another server answers the shapes; this one follows no log.',
    textSv: 'En annan server svarar för shapes; denna följer ingen logg.',
  };
}
