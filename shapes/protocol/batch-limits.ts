/** Most mutations in one batch; a longer queue is sent in several. */
export const MAX_BATCH_MUTATIONS = 100;
/** Most bytes of one batch's JSON body. */
export const MAX_BATCH_BYTES = 1_048_576;
