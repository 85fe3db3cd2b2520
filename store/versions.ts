import { hash } from 'node:crypto';

/** The data of a version that brought nothing but its id: it was deleted, or could not be read. */
export const NO_DATA = '{}';

/** What is compared is the content; of it a digest is kept, because a row that holds its data twice is twice as slow. @param data in canonical form */
export function fingerprintOf(code: string | null, deleted: boolean, data: string): string {
  return hash('sha256', `${code} ${deleted} ${data}`, 'base64url');
}

/** The fingerprint of every version that could not be read, whatever the reason. The data beside it, if any, are those of an earlier version. */
export const UNREADABLE = fingerprintOf('record-unreadable', false, NO_DATA);
