import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { readConfig } from '../../domain/config.ts';
import { integrationKinds, integrationOf } from '../../integrations/registry.ts';
import { usageError } from '../command-error.ts';
import { connectSystem } from '../connect.ts';
import { openBookbridge } from '../open.ts';
import { commandFor, print, remark } from '../print.ts';
import type { ConnectOptions } from '../program.ts';
import { exampleOf, readSetup } from '../setup.ts';
import { expectOneOf } from '../suggest.ts';

/** Authorises, stores settings and credentials, and sets the schedule up. */
export async function connect(system: string, options: ConnectOptions): Promise<void> {
  const kind = expectOneOf('system', system, integrationKinds);
  const integration = integrationOf(kind);
  if (options.example) {
    process.stdout.write(`${JSON.stringify(exampleOf(integration), null, 2)}\n`);
    return;
  }
  if (options.settings === undefined) {
    throw usageError('The settings are missing.', `Print a file to fill in with "bookbridge connect ${kind} --example", and name it with --settings FILE.`);
  }
  const input = await readSettings(options.settings, `Print one to fill in: bookbridge connect ${kind} --example`);
  // Before anything is asked of anybody; where the configuration is wrong, that is told first.
  readSetup(integration, input, readConfig(process.env).systemUrls);
  const bookbridge = await openBookbridge(process.env);
  try {
    const id = await connectSystem(bookbridge, kind, input, {
      show: (page) => showPage(options.json, page), timeoutMs: options.timeout * 1000, remark: (text) => remark(options.json, text),
    });
    const { organizationId, facts, importedAtMs, state } = await bookbridge.store.integrations.get(id);
    const name = typeof facts['name'] === 'string' ? facts['name'] : '';
    print(options.json, { integration: id, organizationId, organization: name, state }, () => [
      `${id} is connected with ${name === '' ? 'the organization' : name} (${organizationId}).`,
      importedAtMs === null ? `Next, with a worker running (bookbridge worker): ${commandFor(id, 'import')}` : 'It goes on where it was: the links are kept.',
    ].join('\n'));
  } finally {
    await bookbridge.close();
  }
}

/** Shows a person where to press Accept. */
export function showPage(json: boolean, { authorizeUrl, redirectUri }: { authorizeUrl: string; redirectUri: string }): void {
  print(json, { authorizeUrl, redirectUri }, () => [
    'Open this address in a browser and press Accept:', '', `  ${authorizeUrl}`, '',
    `Waiting for the answer at ${redirectUri} …`,
    'Where the browser runs on another machine, it ends at an address that it cannot open: give that address to curl on this one.', '',
  ].join('\n'));
}

/**
 * @param file its path; `-` reads the standard input, so that no secret has to be in a file
 * @param remedy what to do where it cannot be read
 * @throws CommandError where there is none, or it is not JSON
 */
export async function readSettings(file: string, remedy: string): Promise<unknown> {
  let content;
  try {
    content = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`The settings file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, remedy);
  }
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    throw usageError(`The settings file ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`, 'Correct it there.');
  }
}
