import { once } from 'node:events';
import { listen } from '../api/listen.ts';
import { openBookbridge } from '../open.ts';
import { print } from '../print.ts';
import type { ServeOptions } from '../program.ts';

/** Offers the JSON API in this very process, until whatever supervises the command ends it. */
export async function serve({ port, host, json }: ServeOptions): Promise<void> {
  const bookbridge = await openBookbridge(process.env, { create: false });
  try {
    const api = await listen(bookbridge, { port, host, onUnforeseen: (error) => process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`) });
    const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    print(json, { api: api.url }, () => `The API answers at ${api.url}/api (docs/api.md). Ctrl-C ends it.`);
    await stopped;
    await api.close();
  } finally {
    await bookbridge.close();
  }
}
