import type { JsonObject } from '../domain/json.ts';
import type { Access } from './registry.ts';

/** What a delivery says has changed: a hint to read the record, never the record. */
export interface Announcement {
  readonly resource: string;
  readonly recordId: string;
}

export interface Registration {
  /** Where deliveries go. */
  readonly url: string;
  /** What `url` begins with in every registration of this integration, earlier ones included. */
  readonly prefixes: readonly string[];
  /** Signs deliveries. */
  readonly secret: string;
  /** False where an earlier registration at this address may have another secret. */
  readonly secretIsKnown: boolean;
  /** Of which changes are announced. */
  readonly resources: readonly string[];
}

/** How a system announces that a record has changed. */
export interface Announcer {
  /** Whether a delivery is signed with the secret. Compares in constant time. */
  isGenuine(secret: string, header: (name: string) => string | undefined, body: Buffer): boolean;
  /** @throws SyntaxError where the body cannot be read; null where it concerns no record that is synced */
  read(body: Buffer): Announcement | null;
  /**
   * Asks the system for deliveries, and ends earlier registrations of this integration. Repeated, it changes nothing.
   *
   * @param access the credentials of the connection
   * @throws BookbridgeError
   */
  register(access: JsonObject, means: Access, registration: Registration): Promise<void>;
  /**
   * Ends all registrations of an integration. Repeated, it changes nothing.
   *
   * @param prefixes what the addresses of its registrations begin with
   * @throws BookbridgeError
   */
  unregister(access: JsonObject, means: Access, prefixes: Registration['prefixes']): Promise<void>;
}
