// The import rules of the house. A feature may import another feature's contract file, and nothing else of it.
const FEATURES =
  'replication|change-log|shape-engine|shape-api|mutations|reports|watches|feeds|areas|jobs|auth|predictions|privacy|realtime|inspector|console|operations|audit';
const CONTRACTS = [
  'change-log/change-log',
  'shape-engine/shape-engine',
  'mutations/mutation-handler',
  'mutations/mutation-request',
  'reports/report',
  'areas/area',
  'areas/cells',
  'jobs/job',
  'jobs/recorded-run',
  'jobs/run-store',
  'inspector/device-contacts',
  'auth/identity',
  'auth/removal',
  'audit/audit-log',
  'feeds/feed',
].join('|');
const COMPOSITION = '^server/(main|compose/|demo/|import/|backup/|retention/|operator/|http/)';
const OUTSIDE_TESTS = '(\\.test\\.tsx?$|^tests/)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shapes-imports-only-its-validator',
      severity: 'error',
      from: { path: '^shapes/', pathNot: OUTSIDE_TESTS },
      to: { pathNot: '^shapes/|node_modules/zod/' },
    },
    {
      name: 'leaves-import-no-feature',
      severity: 'error',
      from: { path: '^server/(platform|config|db)/', pathNot: OUTSIDE_TESTS },
      to: { path: `^server/(${FEATURES}|http|compose|demo|main)` },
    },
    {
      name: 'platform-is-a-leaf',
      severity: 'error',
      from: { path: '^server/platform/', pathNot: OUTSIDE_TESTS },
      to: { path: '^server/(?!platform/)' },
    },
    {
      name: 'features-meet-in-contract-files',
      severity: 'error',
      from: { path: `^server/(${FEATURES})/`, pathNot: OUTSIDE_TESTS },
      to: { path: `^server/(${FEATURES})/`, pathNot: [`^server/$1/`, `^server/(${CONTRACTS})\\.ts$`] },
    },
    {
      name: 'features-do-not-know-the-composition',
      severity: 'error',
      from: { path: `^server/(${FEATURES})/`, pathNot: OUTSIDE_TESTS },
      to: { path: COMPOSITION },
    },
    {
      name: 'read-path-points-one-way',
      severity: 'error',
      from: { path: '^server/(replication|change-log|shape-engine)/', pathNot: OUTSIDE_TESTS },
      to: { path: '^server/shape-api/' },
    },
    {
      name: 'change-log-knows-no-reader-nor-writer',
      severity: 'error',
      from: { path: '^server/change-log/', pathNot: OUTSIDE_TESTS },
      to: { path: '^server/(replication|shape-engine)/' },
    },
    {
      name: 'replication-and-engine-do-not-meet',
      severity: 'error',
      from: { path: '^server/(replication|shape-engine)/', pathNot: OUTSIDE_TESTS },
      to: { path: '^server/(replication|shape-engine)/', pathNot: '^server/$1/' },
    },
    {
      name: 'writers-do-not-know-the-read-path',
      severity: 'error',
      from: { path: '^server/(mutations|reports|watches|feeds|predictions)/', pathNot: OUTSIDE_TESTS },
      to: { path: '^server/(replication|change-log|shape-engine|shape-api)/' },
    },
    {
      name: 'features-know-config-by-type-only',
      severity: 'error',
      from: { path: `^server/(${FEATURES})/`, pathNot: OUTSIDE_TESTS },
      to: { path: '^server/config/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-main',
      severity: 'error',
      from: {},
      to: { path: '^server/main\\.ts$' },
    },
    {
      name: 'client-knows-no-server',
      severity: 'error',
      from: { path: '^client-sdk/', pathNot: OUTSIDE_TESTS },
      to: { path: '^server/' },
    },
    {
      name: 'client-knows-node-only-in-its-platform',
      severity: 'error',
      from: {
        path: '^client-sdk/',
        pathNot: `${OUTSIDE_TESTS}|^client-sdk/platform/node/|vite\\.config|^client-sdk/field-app/build/`,
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'field-app-stands-on-the-public-api',
      severity: 'error',
      from: { path: '^client-sdk/field-app/', pathNot: OUTSIDE_TESTS },
      to: {
        path: '^client-sdk/',
        pathNot: '^client-sdk/(field-app/|index\\.ts$|react/|platform/browser/index\\.ts$)',
      },
    },
    {
      name: 'console-stands-on-the-public-api',
      severity: 'error',
      from: { path: '^server/console/src/', pathNot: OUTSIDE_TESTS },
      to: { path: '^(server/(?!console/)|client-sdk/)', pathNot: '^client-sdk/index\\.ts$' },
    },
    {
      name: 'nothing-of-the-server-knows-the-console',
      severity: 'error',
      from: { pathNot: '^server/console/' },
      to: { path: '^server/console/' },
    },
    {
      name: 'onnxruntime-in-one-file',
      severity: 'error',
      from: { pathNot: '^server/predictions/onnx\\.ts$' },
      to: { path: 'node_modules/onnxruntime-node/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: OUTSIDE_TESTS },
      to: { path: '^tests/' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
