import type { Route } from '../../kit/call.ts';
import { accept, authorizePage, reject } from './authorize.ts';
import type { AccountsState } from './state.ts';
import { token, tokenByGet } from './token.ts';

interface Place {
  /** Accounts and Books live at the same address here. */
  readonly url: string;
  readonly location: string;
  readonly tokenErrorStatus: number;
}

export function accountsRoutes(state: AccountsState, place: Place): Route[] {
  const options = { apiDomain: place.url, errorStatus: place.tokenErrorStatus };
  return [
    { method: 'GET', path: '/oauth/v2/auth', handle: (call) => authorizePage(state, call) },
    { method: 'GET', path: '/oauth/v2/auth/accept', handle: (call) => accept(state, place, call) },
    { method: 'GET', path: '/oauth/v2/auth/reject', handle: (call) => reject(state, call) },
    { method: 'POST', path: '/oauth/v2/token', handle: (call) => token(state, options, call) },
    { method: 'GET', path: '/oauth/v2/token', handle: () => tokenByGet(options) },
    {
      method: 'GET',
      path: '/oauth/serverinfo',
      handle: () => ({ status: 200, json: { result: 'success', locations: { [place.location]: place.url } } }),
    },
  ];
}
