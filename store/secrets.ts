import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { BookbridgeError } from '../domain/errors.ts';

/** Encrypts what must not be read from a copied database: tokens and secrets. */
export interface Sealer {
  seal(text: string): string;
  open(sealed: string): string;
}

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM. The version stands in front, so that a later way of sealing can still open what is stored.
 *
 * @param key 32 bytes in base64 (BOOKBRIDGE_KEY)
 * @throws BookbridgeError `settings-invalid` when the key has another length
 */
export function createSealer(key: string): Sealer {
  const secret = Buffer.from(key, 'base64');
  if (secret.length !== 32) {
    throw new BookbridgeError('settings-invalid', { detail: 'BOOKBRIDGE_KEY must be 32 bytes in base64, for instance from: openssl rand -base64 32' });
  }
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', secret, iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${VERSION}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')}`;
    },
    open(sealed) {
      const [version, payload = ''] = sealed.split('.');
      const bytes = Buffer.from(payload, 'base64');
      try {
        if (version !== VERSION) throw new Error(`unknown version ${version}`);
        const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, IV_BYTES));
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch (cause) {
        const detail = 'is not the key the stored credentials were encrypted with';
        const remedy = 'Set that key, or the right DATABASE_URL. If it is lost, "Backup" in docs/operations.md says how to go on without it.';
        throw new BookbridgeError('settings-invalid', {
          detail: `BOOKBRIDGE_KEY ${detail}`, problems: [{ field: 'BOOKBRIDGE_KEY', code: 'settings-invalid', detail, remedy, severity: 'error' }], cause,
        });
      }
    },
  };
}
