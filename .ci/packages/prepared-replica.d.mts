/** Makes the empty replica with which devices begin, where it is missing or of another PGlite or format. */
export function prepareReplica(): Promise<void>;
