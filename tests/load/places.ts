import type { AreaList } from '@halo/shapes/protocol/areas.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { Broken, Connection } from './connection.ts';
import type { Place } from './outbox.ts';
import { Person } from './person.ts';
import { Tally } from './step.ts';

const ADDRESS = '10.255.255.255';
const MUNICIPALITIES = '/api/v1/areas?kind=municipality&limit=1000';

/** Municipalities, of which each device lives in one. Fails with `load_unanswered`, and with `load_no_areas` where the server gives none. */
export async function placesOf(origin: string): Promise<Place[]> {
  const connection = new Connection(origin, ADDRESS);
  try {
    await expectAnswer(origin, connection);
    const tally = new Tally();
    const areas = await areasBy(new Person(connection, () => tally));
    if (areas === undefined || areas.length === 0) throw noAreas(origin, tally);
    return areas.map(({ parentCode, lat, lon }) => ({ region: parentCode ?? '', lat, lon }));
  } finally {
    connection.cut();
  }
}

/** Whatever it answers. */
async function expectAnswer(origin: string, connection: Connection): Promise<void> {
  try {
    await connection.ask('GET', '/health', undefined);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const reason = (error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.kind;
    throw new HaloError('load_unanswered', `${origin} does not answer (${reason}).`, {
      hint: 'Check --url, and that a Halo runs there; without --url one is started.',
      cause: error,
    });
  }
}

/** Undefined where they are not given, or what is given is no list of areas. */
async function areasBy(person: Person): Promise<AreaList['areas'] | undefined> {
  try {
    // Waits for nobody who says that it may be asked later: whoever gave the command is told.
    const answer = await person.ask('GET', MUNICIPALITIES, AbortSignal.abort());
    if (answer?.status !== 200) return undefined;
    const { areas } = JSON.parse(answer.text) as Partial<AreaList>;
    return Array.isArray(areas) ? areas : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function noAreas(origin: string, { errors, sentAway }: Tally): HaloError {
  const answers = [...errors.keys(), ...(sentAway > 0 ? ['to ask later'] : [])];
  const said = answers.length > 0 ? ` It answered ${answers.join(', ')}.` : '';
  return new HaloError('load_no_areas', `${origin} gives no areas to somebody without an account.${said}`, {
    hint: 'It must be a Halo with HALO_TRUSTED_PROXIES=1 that anybody may use without an account.',
  });
}
