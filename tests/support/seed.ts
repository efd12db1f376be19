/*
 * Before the tests of each file: with HALO_TEST_SEED, property tests draw by it, and else anew. Their failures print the seed
 * either way.
 */
export {};

const seed = process.env['HALO_TEST_SEED'];
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}
