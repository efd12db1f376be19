import type { DeviceReason } from '@halo/shapes/protocol/inspector-devices.ts';

/** One text in English and in Swedish; `{shape}` stands for the shape that it is about. */
interface Words {
  readonly en: string;
  readonly sv: string;
}

/** Why a device is in its state, in words. */
const WORDS: Readonly<Record<DeviceReason, Words>> = {
  up_to_date: {
    en: 'It has all that the server has, and waits for news.',
    sv: 'Den har allt som servern har, och väntar på nytt.',
  },
  reading_snapshot: {
    en: 'It reads {shape} from the start.',
    sv: 'Den läser {shape} från början.',
  },
  catching_up: {
    en: 'It reads what it has missed of {shape}, and gets on.',
    sv: 'Den läser in vad den missat av {shape}, och kommer framåt.',
  },
  server_behind: {
    en: 'It has all that the server has, but the server itself is behind Postgres.',
    sv: 'Den har allt som servern har, men servern själv ligger efter Postgres.',
  },
  no_progress: {
    en: 'It asks for {shape} again and again from the same place, though there is more.',
    sv: 'Den frågar efter {shape} gång på gång från samma plats, fast det finns mer.',
  },
  shape_silent: {
    en: 'It is there, but asks no more for {shape}.',
    sv: 'Den är där, men frågar inte längre efter {shape}.',
  },
  outbox_stuck: {
    en: 'It is there, but what waits in its outbox is not being settled.',
    sv: 'Den är där, men det som väntar i dess utkorg blir inte avgjort.',
  },
  head_unknown: {
    en: 'It is there, but the server does not follow Postgres at present: what it lacks is not known.',
    sv: 'Den är där, men servern följer inte Postgres just nu: vad den saknar är okänt.',
  },
  reads_nothing: {
    en: 'It is there, but asks for no shape: its replica may not open.',
    sv: 'Den är där, men frågar inte efter någon shape: dess replik går kanske inte att öppna.',
  },
  no_contact: {
    en: 'Nothing has been heard of it when it was due.',
    sv: 'Den har inte hörts av när den skulle.',
  },
  logged_out: { en: 'The person has logged out.', sv: 'Personen har loggat ut.' },
  token_reused: {
    en: 'Its session was ended, since two had used the same token.',
    sv: 'Dess session avslutades, eftersom två hade använt samma token.',
  },
  session_ended: { en: 'Its session has been ended.', sv: 'Dess session har avslutats.' },
  session_expired: {
    en: 'Its session has run out for want of use.',
    sv: 'Dess session har gått ut, eftersom den inte använts.',
  },
  account_disabled: { en: 'The account has been disabled.', sv: 'Kontot har stängts av.' },
};

/** The words of a reason. */
export function wordsOf(code: DeviceReason, shape: string | undefined) {
  const { en, sv } = WORDS[code];
  const fill = (text: string, nothing: string) => text.replace('{shape}', shape ?? nothing);
  return { code, text: fill(en, 'its shapes'), textSv: fill(sv, 'sina shapes') };
}
