import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { preview, type ModulePreview } from '../activities/preview.ts';
import { createHttp } from '../connectors/http.ts';
import { openStore } from '../store/store.ts';
import type { Local } from './open.ts';

interface PreviewOptions {
  /** Most examples of each kind and module. */
  readonly examplesMax?: number;
  /** Told which module is being read. */
  readonly onModule?: (module: string) => void;
  /** Told before a limit is waited for, with its end in milliseconds since the epoch. */
  readonly onWait?: (resumeAtMs: number) => void;
  /** Aborted: nothing more is read. */
  readonly signal?: AbortSignal;
}

/** How long a limit of a minute is waited for; one of a day ends the preview. */
const WAIT_MAX_MS = 120_000;

/**
 * Says what the initial import would do, module by module, and writes nothing: neither into the two systems nor into the database. It reads
 * what that would read, in this process and within the same limits. What it reads is kept in a file until it has ended.
 *
 * @throws BookbridgeError `settings-invalid` where there is no such integration, and what a call throws, such as the limit of a day
 */
export async function previewIntegration({ store, config }: Pick<Local, 'store' | 'config'>, integrationId: string, options: PreviewOptions = {}): Promise<ModulePreview[]> {
  const { examplesMax = 20, onModule, onWait, signal = new AbortController().signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'bookbridge-preview-'));
  const scratch = await openStore({ url: `sqlite:${join(folder, 'preview.sqlite')}`, key: randomBytes(32).toString('base64'), now: Date.now });
  try {
    return await preview({
      store, now: Date.now, sleep: (ms) => delay(ms), lanes: 1, mail: null, noticeAfterMs: config.noticeAfterMs,
      http: (aborted) => createHttp({ timeoutMs: config.callTimeoutMs, signal: aborted }),
    }, {
      integrationId, scratch, signal, examplesMax, ...(onModule && { onModule }),
      patience: { waitMaxMs: WAIT_MAX_MS, now: Date.now, sleep: (ms) => delay(ms, undefined, { signal }), ...(onWait && { onWait }) },
    });
  } finally {
    await scratch.close();
    await rm(folder, { recursive: true, force: true });
  }
}
