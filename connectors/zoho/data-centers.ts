import { BookbridgeError } from '../../domain/errors.ts';

/** The two servers of one data centre, without a path and without a trailing slash. */
export interface ZohoUrls {
  /** Authorisation and tokens. */
  readonly accountsUrl: string;
  /** Every product API, for instance Books under /books/v3. */
  readonly apiUrl: string;
}

export interface DataCenter extends ZohoUrls {
  /** `location` in the callback of an authorisation. */
  readonly location: 'us' | 'eu' | 'in' | 'au' | 'jp' | 'ca' | 'cn' | 'sa' | 'uk';
  /** The Domain of the settings: what follows "zoho" in the address of the Books application. */
  readonly domain: string;
}

/**
 * The data centres whose accounts server a Zoho page names: Accounts "Multi DC support"
 * (https://www.zoho.com/accounts/protocol/oauth/multi-dc.html), China in the Bigin page of that name, API domains in the
 * introduction of the Books API. A secret is sent to these hosts, so nothing is listed on hearsay: Singapore and the Emirates
 * are missing for that reason. The API domain of the United Kingdom follows the pattern of the others.
 */
export const dataCenters: readonly DataCenter[] = [
  { location: 'us', domain: '.com', accountsUrl: 'https://accounts.zoho.com', apiUrl: 'https://www.zohoapis.com' },
  { location: 'eu', domain: '.eu', accountsUrl: 'https://accounts.zoho.eu', apiUrl: 'https://www.zohoapis.eu' },
  { location: 'in', domain: '.in', accountsUrl: 'https://accounts.zoho.in', apiUrl: 'https://www.zohoapis.in' },
  { location: 'au', domain: '.com.au', accountsUrl: 'https://accounts.zoho.com.au', apiUrl: 'https://www.zohoapis.com.au' },
  { location: 'jp', domain: '.jp', accountsUrl: 'https://accounts.zoho.jp', apiUrl: 'https://www.zohoapis.jp' },
  { location: 'ca', domain: '.ca', accountsUrl: 'https://accounts.zohocloud.ca', apiUrl: 'https://www.zohoapis.ca' },
  { location: 'cn', domain: '.com.cn', accountsUrl: 'https://accounts.zoho.com.cn', apiUrl: 'https://www.zohoapis.com.cn' },
  { location: 'sa', domain: '.sa', accountsUrl: 'https://accounts.zoho.sa', apiUrl: 'https://www.zohoapis.sa' },
  { location: 'uk', domain: '.uk', accountsUrl: 'https://accounts.zoho.uk', apiUrl: 'https://www.zohoapis.uk' },
];

/**
 * The servers for the Domain of the settings.
 *
 * @param domain `.com`, `.eu` … as in the settings; a missing dot, capitals and Canada's `.zohocloud.ca` are understood
 * @param override servers that are used instead of Zoho's own, whatever the domain
 * @throws BookbridgeError `settings-invalid` where the domain is none of Zoho's
 */
export function urlsOfDomain(domain: string, override?: ZohoUrls): ZohoUrls {
  if (override) return urlsOf(override);
  const wanted = domain.trim().toLowerCase().replace(/^\.?/, '.').replace('.zohocloud.ca', '.ca');
  const found = dataCenters.find((center) => center.domain === wanted);
  if (found) return urlsOf(found);
  const known = dataCenters.map((center) => center.domain).join(', ');
  throw new BookbridgeError('settings-invalid', { detail: `Domain is "${domain}", but Zoho's domains are ${known}` });
}

/**
 * The servers of the account that pressed Accept. The account may live in another data centre than the one the question was
 * asked at, and all token calls belong to its own (Accounts "Multi DC support"). The callback comes through a browser, so its
 * `accounts-server` is believed only where it is one of Zoho's.
 *
 * @param accountsServer `accounts-server` of the callback; null where the callback has none
 * @param asked the servers the question was asked at
 * @param override servers that are used instead of Zoho's own, whatever the callback says
 * @throws BookbridgeError `authorization-refused` where the server is none of Zoho's
 */
export function urlsOfCallback(accountsServer: string | null, asked: ZohoUrls, override?: ZohoUrls): ZohoUrls {
  if (override) return urlsOf(override);
  if (accountsServer === null) return urlsOf(asked);
  const found = dataCenters.find((center) => center.accountsUrl === accountsServer.replace(/\/$/, ''));
  if (found) return urlsOf(found);
  throw new BookbridgeError('authorization-refused', { detail: `the answer names "${accountsServer}", which is no accounts server of Zoho` });
}

function urlsOf({ accountsUrl, apiUrl }: ZohoUrls): ZohoUrls {
  return { accountsUrl: accountsUrl.replace(/\/$/, ''), apiUrl: apiUrl.replace(/\/$/, '') };
}
