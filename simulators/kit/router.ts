import type { Route } from './call.ts';

interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Entry {
  readonly route: Route;
  readonly parts: readonly string[];
}

/** Finds the route of a request: literal routes through a map, those with parameters by the number of their segments. */
export type Router = (method: string, path: string) => Match | null;

const noParams = {};

export function createRouter(routes: readonly Route[]): Router {
  const literal = new Map<string, Match>();
  const patterns = new Map<string, Entry[]>();
  for (const route of routes) {
    const parts = route.path.split('/');
    if (route.path.includes('/:')) {
      const bucket = `${route.method} ${parts.length}`;
      const entries = patterns.get(bucket) ?? [];
      entries.push({ route, parts });
      patterns.set(bucket, entries);
    } else {
      literal.set(`${route.method} ${route.path}`, { route, params: noParams });
    }
  }
  return (method, path) => {
    const found = literal.get(`${method} ${path}`);
    if (found) return found;
    const parts = path.split('/');
    for (const entry of patterns.get(`${method} ${parts.length}`) ?? []) {
      const params = match(entry.parts, parts);
      if (params) return { route: entry.route, params };
    }
    return null;
  };
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [index, wanted] of pattern.entries()) {
    const given = parts[index] ?? '';
    if (wanted.startsWith(':')) {
      if (given === '') return null;
      params[wanted.slice(1)] = decode(given);
    } else if (wanted !== given) {
      return null;
    }
  }
  return params;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
