import { Decrypter } from 'age-encryption';

/**
 * Whether a text is identities of age, with white space between them, to their last letters: each carries a checksum. One letter mistyped
 * would be found at night otherwise, by the first backup.
 */
export function areBackupKeys(text: string): boolean {
  try {
    for (const key of text.split(/\s+/)) new Decrypter().addIdentity(key);
    return true;
  } catch {
    return false;
  }
}
