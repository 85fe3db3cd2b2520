import type { Gate } from '../connectors/gate.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { Purpose, Quotas } from '../store/quotas.ts';

/**
 * The gate of one quota: no call passes that the quota did not grant, whichever worker makes it.
 *
 * @param quotaId `system:tenant`, for instance `zoho-books:10234695`
 * @param purpose documents may use the share that bulk work leaves them
 */
export function createGate(quotas: Quotas, quotaId: string, purpose: Purpose): Gate {
  return {
    async pass(call) {
      const taken = await quotas.take(quotaId, purpose);
      if (!taken.granted) {
        throw new BookbridgeError(taken.code, { detail: `no call to ${quotaId} before ${new Date(taken.resumeAtMs).toISOString()}`, resumeAtMs: taken.resumeAtMs, system: quotaId.split(':', 1)[0] ?? quotaId });
      }
      try {
        return await call();
      } finally {
        // What the call came to counts, also while the database is away; one whose end was never written stops to count by itself.
        await quotas.end(taken.callId).catch(() => undefined);
      }
    },
    refused: (code, resumeAtMs) => quotas.refused(quotaId, code, resumeAtMs),
  };
}
