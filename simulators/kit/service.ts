import type { Call, Reply, Route } from './call.ts';
import type { ServiceFaultKind } from './faults.ts';

/** What a simulated service brings along; the kit does the rest. */
export interface Service {
  readonly routes: readonly Route[];
  /** The answer where no route fits. */
  readonly unknownRoute: (call: Call) => Reply;
  /** The service's own words for an injected fault. */
  readonly faultReply: (kind: ServiceFaultKind, call: Call) => Reply;
  /**
   * Asked before each routed call: a reply refuses it (limits, authorisation), a function lets it pass and is called when the
   * call is over, null lets it pass.
   */
  readonly admit?: (call: Call) => Reply | (() => void) | null;
  /** What `GET /_simulator/state` answers; it is told the query. */
  readonly state: (query: URLSearchParams) => unknown;
  /** `GET` and `POST /_simulator/limits`. `change` throws where the value is not usable. */
  readonly limits: {
    readonly read: (query: URLSearchParams) => unknown;
    readonly change: (value: unknown, query: URLSearchParams) => void;
  };
  /** Further control routes: `POST contact` answers `POST /_simulator/contact`. */
  readonly control?: Readonly<Record<string, (call: Call) => Reply | Promise<Reply>>>;
  /** How long the service works on each call, milliseconds; 0 unless told. Concurrency is only seen when this is above 0. */
  readonly workMs?: () => number;
}
