import type { KeyState, RemoteRecord, UnreadableRecord } from '../connectors/resource.ts';
import type { Problem } from '../domain/errors.ts';
import type { Side } from '../store/types.ts';

/** Something that must be so: what is read to know it, and what is wrong with what was read. Pure. */
export type Requirement = ReadRequirement | KeyRequirement | ComparingRequirement;

export interface ReadRequirement {
  /** The setting it is about, such as `settings.categoryId`. */
  readonly field: string;
  readonly side: Side;
  readonly resource: string;
  /** One record by its id, the whole listing, or its first page: enough to know that it may be read. */
  readonly read: { readonly id: string } | 'all' | 'some';
  judge(listed: Listed): readonly Problem[];
}

/** What was read of a resource. */
export interface Listed {
  /** None where the one record does not exist. */
  readonly records: readonly RemoteRecord[];
  /** What is there and cannot be read: it is not missing. */
  readonly unreadable: readonly UnreadableRecord[];
}

/** That a resource has the field which carries our keys, and that it may be written. */
export interface KeyRequirement {
  readonly field: string;
  readonly side: Side;
  readonly resource: string;
  readonly read: 'key';
  judge(state: KeyState): readonly Problem[];
}

/** That two listings fit together; looked at where other requirements could read both. Makes no call. */
export interface ComparingRequirement {
  readonly field: string;
  readonly read: 'compared';
  readonly between: readonly [Place, Place];
  judge(left: readonly RemoteRecord[], right: readonly RemoteRecord[]): readonly Problem[];
}

interface Place {
  readonly side: Side;
  readonly resource: string;
}
