import { resolve } from 'node:path';

/** Where backups lie. */
export type BackupPlace =
  | { readonly kind: 'directory'; readonly dir: string }
  | {
      readonly kind: 's3';
      readonly endpoint: string;
      readonly bucket: string;
      /** Empty, or with a slash at its end. */
      readonly prefix: string;
      readonly region: string;
      readonly accessKey: string;
      readonly secretKey: string;
    };

/** What is set of the place, by the names of variables. */
export interface PlaceSettings {
  /** `off`: none are kept in a directory. */
  readonly dir: string | undefined;
  /** Where they are kept unless told otherwise. */
  readonly usualDir: string;
  readonly s3: string | undefined;
  readonly region: string;
  readonly accessKey: string | undefined;
  readonly secretKey: string | undefined;
}

/** Reads where backups lie; undefined where nowhere. Where it cannot be told, what is wrong and of which variable. */
export function readBackupPlace(settings: PlaceSettings):
  | { readonly place: BackupPlace | undefined }
  | {
      readonly name: 'HALO_BACKUP_S3' | 'HALO_BACKUP_S3_ACCESS_KEY' | 'HALO_BACKUP_S3_SECRET_KEY';
      readonly fault: string;
    } {
  const { dir, usualDir, s3, region, accessKey, secretKey } = settings;
  if (s3 === undefined) {
    if (accessKey !== undefined)
      return { name: 'HALO_BACKUP_S3_ACCESS_KEY', fault: 'is of no use without HALO_BACKUP_S3' };
    return { place: dir === 'off' ? undefined : { kind: 'directory', dir: resolve(dir ?? usualDir) } };
  }
  if (dir !== undefined && dir !== 'off')
    return { name: 'HALO_BACKUP_S3', fault: 'must not be set together with HALO_BACKUP_DIR' };
  if (accessKey === undefined)
    return { name: 'HALO_BACKUP_S3_ACCESS_KEY', fault: 'is missing beside HALO_BACKUP_S3' };
  if (secretKey === undefined)
    return { name: 'HALO_BACKUP_S3_SECRET_KEY', fault: 'is missing beside HALO_BACKUP_S3' };
  const { origin, pathname } = new URL(s3);
  const [bucket = '', ...rest] = pathname.slice(1).split('/').map(decodeURIComponent);
  const prefix = rest
    .filter((part) => part !== '')
    .map((part) => `${part}/`)
    .join('');
  return { place: { kind: 's3', endpoint: origin, bucket, prefix, region, accessKey, secretKey } };
}
