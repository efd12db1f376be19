import type { AlertName } from './alert.ts';

/** Where people find what an alert is about, as far as the operator has said it: nothing within Halo knows how it is reached from outside. */
export interface AlertPlaces {
  /** Origin at which this Halo, and so its console, is reached. */
  readonly publicUrl: string | undefined;
  /** Address of the runbook as people read it. */
  readonly runbookUrl: string | undefined;
}

/** Where the runbook lies in the repository: said where no address of it is known. */
const IN_REPOSITORY = 'docs/runbook.md';

/** The heading in the runbook that says what to do. */
export function runbookOf(name: AlertName, { runbookUrl }: AlertPlaces): string {
  return `${runbookUrl ?? IN_REPOSITORY}#${name}`;
}

/** The alert's own page in the console; undefined while nobody has said how that is reached. */
export function pageOf(id: string, { publicUrl }: AlertPlaces): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/console/alerts/${id}`;
}
