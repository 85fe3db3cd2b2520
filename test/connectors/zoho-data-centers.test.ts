import { expect, test } from 'vitest';
import { dataCenters, urlsOfCallback, urlsOfDomain } from '../../connectors/zoho/data-centers.ts';

const us = urlsOfDomain('.com');

test.each([
  ['.com', 'https://accounts.zoho.com', 'https://www.zohoapis.com'],
  ['eu', 'https://accounts.zoho.eu', 'https://www.zohoapis.eu'],
  [' .COM.AU ', 'https://accounts.zoho.com.au', 'https://www.zohoapis.com.au'],
  ['.ca', 'https://accounts.zohocloud.ca', 'https://www.zohoapis.ca'],
  ['.zohocloud.ca', 'https://accounts.zohocloud.ca', 'https://www.zohoapis.ca'],
])('Domain %s belongs to %s', (domain, accountsUrl, apiUrl) => {
  expect(urlsOfDomain(domain)).toEqual({ accountsUrl, apiUrl });
});

test('a Domain that Zoho does not have is an error that lists those it has', () => {
  expect(() => urlsOfDomain('.org')).toThrow(expect.objectContaining({ code: 'settings-invalid', detail: expect.stringContaining('.com.cn') }));
});

test('an account of another data centre is followed there', () => {
  expect(urlsOfCallback('https://accounts.zoho.in', us).apiUrl).toBe('https://www.zohoapis.in');
  expect(urlsOfCallback('https://accounts.zoho.in/', us).accountsUrl).toBe('https://accounts.zoho.in');
  expect(urlsOfCallback(null, us)).toEqual(us);
});

test.each([
  'https://accounts.zoho.com.example.org', 'http://accounts.zoho.com', 'https://accounts.zoho.com@example.org',
  'https://accounts.zoho.com:8443', 'https://accounts.zoho.com/elsewhere', 'https://example.org?https://accounts.zoho.com', '',
])('the callback cannot lead to %s', (server) => {
  expect(() => urlsOfCallback(server, us)).toThrow(expect.objectContaining({ code: 'authorization-refused' }));
});

test('an override is the only server that is ever called', () => {
  const override = { accountsUrl: 'http://127.0.0.1:1/', apiUrl: 'http://127.0.0.1:2' };
  const used = { accountsUrl: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:2' };
  expect(urlsOfDomain('.eu', override)).toEqual(used);
  expect(urlsOfCallback('https://accounts.zoho.in', us, override)).toEqual(used);
  expect(urlsOfCallback(null, us, override)).toEqual(used);
});

test('no two data centres share a server, a domain or a location', () => {
  for (const key of ['location', 'domain', 'accountsUrl', 'apiUrl'] as const) {
    expect(new Set(dataCenters.map((center) => center[key])).size).toBe(dataCenters.length);
  }
});
