/** One record of the source system that shares something with one of the target system: an e-mail address, a name. */
export interface Claim {
  readonly sourceId: string;
  readonly partnerId: string;
  /** What they share, such as `e-mail`; never empty. */
  readonly kinds: readonly string[];
}

export type Decision =
  /** Nobody fits: the record is created. */
  | { readonly kind: 'none' }
  | { readonly kind: 'partner'; readonly partnerId: string; readonly by: readonly string[] }
  | {
      readonly kind: 'ambiguous';
      readonly partners: readonly Pick<Claim, 'partnerId' | 'kinds'>[];
      /** Other records of the source system that want the same partner with as good a right. */
      readonly rivalIds: readonly string[];
    };

/**
 * Which partner a record is to be linked with. It must be the one that shares most with it, and no other record may share as
 * much with that partner: so two records never get one partner, in whatever order they are asked about.
 *
 * @param claims of all records on every partner that `sourceId` has a claim on
 */
export function decideMatch(sourceId: string, claims: readonly Claim[]): Decision {
  const rivalsOf = ({ partnerId }: Claim) => claims.filter((claim) => claim.partnerId === partnerId && claim.sourceId !== sourceId);
  // What another record has a better claim on is that record's.
  const own = claims.filter((claim) => claim.sourceId === sourceId && rivalsOf(claim).every(({ kinds }) => kinds.length <= claim.kinds.length));
  const most = Math.max(0, ...own.map(({ kinds }) => kinds.length));
  const best = own.filter(({ kinds }) => kinds.length === most);
  const [first] = best;
  if (!first) return { kind: 'none' };
  const rivalIds = [...new Set(best.flatMap((claim) => rivalsOf(claim).filter(({ kinds }) => kinds.length === most).map((rival) => rival.sourceId)))];
  if (best.length === 1 && rivalIds.length === 0) return { kind: 'partner', partnerId: first.partnerId, by: first.kinds };
  return { kind: 'ambiguous', partners: best.map(({ partnerId, kinds }) => ({ partnerId, kinds })), rivalIds };
}
