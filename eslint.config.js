import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { houseRules } from './.ci/eslint-house-rules.js';

const STAR = '/\\b(select|returning)\\s+(\\w+\\.)?\\*/i';
const STAR_MESSAGE = 'Name the columns: SELECT * breaks readers when a column is added.';
const STAR_RULES = [
  { selector: `Literal[value=${STAR}]`, message: STAR_MESSAGE },
  { selector: `TemplateElement[value.raw=${STAR}]`, message: STAR_MESSAGE },
];
const HTML_MESSAGE = 'Text is shown as text: HTML made of it could be anything.';
const HTML_RULES = [
  { selector: `JSXAttribute[name.name='dangerouslySetInnerHTML']`, message: HTML_MESSAGE },
  {
    selector: 'MemberExpression[property.name=/^(inner|outer)HTML$|^insertAdjacentHTML$/]',
    message: HTML_MESSAGE,
  },
];
const SYNTAX_RULES = [...STAR_RULES, ...HTML_RULES];
const BARE_IMPORT = {
  selector: `ImportExpression:not(CallExpression[callee.name='loadPart'] > ArrowFunctionExpression > ImportExpression)`,
  message: 'Import late by loadPart: apps are told by a code that a part is missing.',
};
const ENVIRONMENT_MESSAGE = 'Only server/config reads the environment.';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.halo/**', '.halo-demo/**', 'coverage/**'] },
  js.configs.recommended,
  {
    plugins: { house: houseRules },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { 'house/disable-with-reason': 'error' },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      // Halo's objects are closures; their functions know no `this` and may be passed on.
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 70, skipComments: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-imports': [
        'error',
        { paths: ['process', 'node:process'].map((name) => ({ name, message: ENVIRONMENT_MESSAGE })) },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: ENVIRONMENT_MESSAGE },
      ],
      'no-restricted-syntax': ['error', ...SYNTAX_RULES],
    },
  },
  {
    files: ['client-sdk/**/*.ts', 'client-sdk/**/*.tsx'],
    ignores: ['client-sdk/field-app/**', '**/*.test.ts', '**/testing/**'],
    rules: { 'no-restricted-syntax': ['error', ...SYNTAX_RULES, BARE_IMPORT] },
  },
  {
    files: ['server/config/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['tests/**', '**/*.test.ts', '**/*.test.tsx'],
    rules: {
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
    },
  },
  { files: ['**/*.tsx', 'client-sdk/react/**'], ...reactHooks.configs.flat.recommended },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        performance: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        module: 'writable',
      },
    },
  },
);
