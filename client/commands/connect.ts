import { readFileSync } from 'node:fs';
import { usageError } from '../command-error.ts';
import { connectHector, readHectorSetup } from '../connect-hector.ts';
import { openBookbridge } from '../open.ts';
import { print, remark } from '../print.ts';
import type { ConnectOptions } from '../program.ts';

/** What a person fills in; docs/hector.md says where each value is found. */
const example = {
  clientId: '1000.XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX',
  clientSecret: 'the Secret beside it in the API console of Zoho',
  domain: '.com',
  redirectUri: 'http://localhost:8414/callback',
  hector: { baseUrl: 'https://your-company.hectorassetmanager.com', token: 'a token of Hector' },
  settings: {
    organizationId: '10234695',
    email: 'you@example.com',
    useHectorCustomers: true,
    penaltyItemId: null,
    purchaseAccountId: null,
    calculationTypeParts: 'By day',
    calculationTypePlaces: 'By hour',
    categoryId: '1',
    stockroomId: '1',
    completedStatusIds: ['3'],
    billedPeriod: 'actual',
    unitRounding: 'up',
    timeZone: 'America/Toronto',
  },
  syncIntervalSeconds: 60,
};

/** Authorises, stores settings and credentials, and sets the schedule up. */
export async function connect(options: ConnectOptions): Promise<void> {
  if (options.example) {
    process.stdout.write(`${JSON.stringify(example, null, 2)}\n`);
    return;
  }
  if (options.settings === undefined) {
    throw usageError('The settings are missing.', 'Print a file to fill in with "bookbridge connect hector --example", and name it with --settings FILE.');
  }
  const input = readSettings(options.settings);
  // Before anything is asked of anybody.
  readHectorSetup(input);
  const bookbridge = await openBookbridge(process.env);
  try {
    const id = await connectHector(bookbridge, input, {
      show: (page) => showPage(options.json, page), timeoutMs: options.timeout * 1000, remark: (text) => remark(options.json, text),
    });
    const { organizationId, facts, importedAtMs, state } = await bookbridge.store.integrations.get(id);
    const name = typeof facts['name'] === 'string' ? facts['name'] : '';
    print(options.json, { integration: id, organizationId, organization: name, state }, () => [
      `${id} is connected with ${name === '' ? 'the organization' : name} (${organizationId}).`,
      importedAtMs === null ? 'Next, with a worker running (bookbridge worker): bookbridge import' : 'It goes on where it was: the links are kept.',
    ].join('\n'));
  } finally {
    await bookbridge.close();
  }
}

function showPage(json: boolean, { authorizeUrl, redirectUri }: { authorizeUrl: string; redirectUri: string }): void {
  print(json, { authorizeUrl, redirectUri }, () => [
    'Open this address in a browser and press Accept:', '', `  ${authorizeUrl}`, '',
    `Waiting for the answer at ${redirectUri} …`,
    'Where the browser runs on another machine, it ends at an address that it cannot open: give that address to curl on this one.', '',
  ].join('\n'));
}

function readSettings(file: string): unknown {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`The settings file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, 'Print one to fill in: bookbridge connect hector --example');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError(`The settings file ${file} is not JSON: ${error instanceof Error ? error.message : String(error)}.`, 'Correct it there.');
  }
}
