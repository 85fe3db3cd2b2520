import { systemTitle } from '../../domain/systems.ts';
import { integrationOf } from '../../integrations/registry.ts';
import { chooseIntegration } from '../choose.ts';
import { usageError } from '../command-error.ts';
import { readCredentials, replaceCredentials, type NewCredentials } from '../credentials.ts';
import { openBookbridge } from '../open.ts';
import { print, remark } from '../print.ts';
import type { CredentialsOptions } from '../program.ts';
import { readSettings, showPage } from './connect.ts';

/** Gives an integration other credentials, and keeps its settings and links. */
export async function credentials(options: CredentialsOptions): Promise<void> {
  const bookbridge = await openBookbridge(process.env, { create: false });
  try {
    const integration = await chooseIntegration(bookbridge, options);
    const { otherSystem } = integrationOf(integration.kind);
    const given = readCredentials(integration, { ...(await fromFile(options)), ...fromOptions(options, otherSystem) });
    const replaced: NewCredentials = { ...given, zoho: given.zoho ?? (options.authorize ? {} : null) };
    if (!replaced.zoho && !replaced.access) {
      throw usageError('What is to be replaced?', 'Name a file with --settings FILE, or say it with --authorize, --client-id, --client-secret or --access NAME=VALUE.');
    }
    await replaceCredentials(bookbridge, integration, replaced, {
      show: (page) => showPage(options.json, page), timeoutMs: options.timeout * 1000, remark: (text) => remark(options.json, text),
    });
    const systems = [...(replaced.zoho ? ['books'] : []), ...(replaced.access ? [otherSystem] : [])];
    print(options.json, { integration: integration.id, replaced: systems, state: integration.state }, () => [
      `${integration.id} has other credentials for ${systems.map((system) => (system === 'books' ? 'Books' : systemTitle(system))).join(' and ')}.`,
      'Its settings and links are as they were.',
    ].join(' '));
  } finally {
    await bookbridge.close();
  }
}

async function fromFile({ settings }: CredentialsOptions): Promise<object> {
  if (settings === undefined) return {};
  const read = await readSettings(settings, 'Name a file with the credentials that are new, as "connect --example" prints them.');
  if (read === null || typeof read !== 'object' || Array.isArray(read)) throw usageError(`The settings file ${settings} holds no object.`, 'It must look like what "connect --example" prints.');
  return read;
}

function fromOptions({ clientId, clientSecret, domain, access }: CredentialsOptions, otherSystem: string): object {
  const fields = Object.fromEntries((access ?? []).map((text) => {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    if (name === '') throw usageError(`"${text}" is no field of the access.`, 'Write it as NAME=VALUE, such as token=….');
    return [name, value === 'true' || value === 'false' ? value === 'true' : value];
  }));
  return {
    ...(clientId !== undefined && { clientId }), ...(clientSecret !== undefined && { clientSecret }), ...(domain !== undefined && { domain }),
    ...(access && { [otherSystem]: fields }),
  };
}
