import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../client/api/app.ts';
import type { Bookbridge } from '../../client/open.ts';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

describe('docs/api.md', () => {
  it('has every route of the API, and none that does not exist', () => {
    // Routes are made before anything of Bookbridge is used.
    const { routes } = createApi({} as Bookbridge, { token: null, onUnforeseen: () => undefined });
    const inCode = routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`);
    const documented = [...page.matchAll(/^\| `([A-Z]+ \/api\/[^`]*)` \|/gm)].map(([, route = '']) => route);
    expect(inCode.length).toBeGreaterThan(10);
    expect(documented.toSorted()).toEqual(inCode.toSorted());
  });
});
