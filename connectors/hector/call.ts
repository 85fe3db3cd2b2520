import { BookbridgeError } from '../../domain/errors.ts';
import type { Gate } from '../gate.ts';
import type { Answer, Http, HttpRequest } from '../http.ts';
import { retryAtMs } from '../retry-after.ts';
import { errorSchema } from './schemas.ts';

export interface HectorAccess {
  readonly http: Http;
  /** Address of the Hector instance, without `/api/v1`. */
  readonly baseUrl: string;
  /** API token of the instance. */
  readonly token: string;
  readonly gate: Gate;
}

type HectorRequest = Pick<HttpRequest, 'method' | 'query' | 'json'> & {
  /** Below `/api/v1`, with a leading slash. */
  readonly path: string;
};

/** Makes one call; whatever the answer means for the whole connection is thrown, all else is the caller's to read. */
export type HectorCall = (request: HectorRequest) => Promise<Answer>;

export function createHectorCall({ http, baseUrl, token, gate }: HectorAccess): HectorCall {
  const root = `${baseUrl.replace(/\/+$/, '')}/api/v1`;
  return async ({ path, ...request }) => {
    const answer = await gate.pass(() => http({ ...request, url: `${root}${path}`, headers: { authorization: `Bearer ${token}` } }));
    if (answer.status === 429) {
      const resumeAtMs = await gate.refused('limit-minute', retryAtMs(answer.headers['retry-after']));
      throw new BookbridgeError('limit-minute', { detail: describe(answer, 'Hector refuses further calls for now'), resumeAtMs, system: 'hector' });
    }
    if (answer.status === 401) {
      throw new BookbridgeError('authorization-revoked', { detail: describe(answer, 'Hector does not accept the API token') });
    }
    if (answer.status === 403) {
      throw new BookbridgeError('permission-missing', { detail: describe(answer, `The API token does not allow ${request.method} ${path}`) });
    }
    if (answer.status >= 300 && answer.status < 400) {
      throw new BookbridgeError('settings-invalid', { detail: `${root} sends callers elsewhere: it is not the address of Hector's API.` });
    }
    return answer;
  };
}

/** The error in Hector's own words, or null where the answer carries none. */
export function hectorError(answer: Answer) {
  const parsed = errorSchema.safeParse(answer.body);
  return parsed.success ? parsed.data.error : null;
}

function describe(answer: Answer, otherwise: string): string {
  const error = hectorError(answer);
  if (error === null) return `${otherwise} (status ${answer.status}).`;
  return error.field === undefined ? error.message : `${error.field}: ${error.message}`;
}

/**
 * What a refusal means: one that concerns the record that was written, or the address of the whole API.
 *
 * @param answer neither a success nor one of the refusals the call itself has thrown already
 * @param path for the message
 */
export function refusal(answer: Answer, path: string): BookbridgeError {
  const error = hectorError(answer);
  if (answer.status === 422 || answer.status === 400) {
    const code = error?.field === undefined ? 'refused' : error.code === 'missing_value' ? 'value-missing' : 'value-invalid';
    return new BookbridgeError(code, { detail: describe(answer, `Hector refuses the record`) });
  }
  if (answer.status === 404) {
    return new BookbridgeError('settings-invalid', { detail: `Hector has no ${path} at this address: check the address of the instance.` });
  }
  return new BookbridgeError('refused', { detail: describe(answer, 'Hector refuses the record') });
}
