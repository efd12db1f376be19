interface ImportMetaEnv {
  /** Version of the app, from its package.json. */
  readonly HALO_APP_VERSION: string;
}
