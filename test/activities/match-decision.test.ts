import { assert, constantFrom, infiniteStream, nat, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideMatch, type Claim } from '../../activities/match-decision.ts';

/** `c1 X e-mail+name`: the customer c1 shares both with the contact X. */
function claims(...lines: string[]): Claim[] {
  return lines.map((line) => {
    const [sourceId = '', partnerId = '', kinds = ''] = line.split(' ');
    return { sourceId, partnerId, kinds: kinds.split('+') };
  });
}

describe('a record without partner', () => {
  it.each([['e-mail'], ['name'], ['e-mail+name']])('is linked with the only one that shares its %s', (kinds) => {
    expect(decideMatch('c1', claims(`c1 X ${kinds}`))).toEqual({ kind: 'partner', partnerId: 'X', by: kinds.split('+') });
  });

  it('is created where nobody shares anything with it', () => {
    expect(decideMatch('c1', [])).toEqual({ kind: 'none' });
  });

  it('is linked with the one that shares most', () => {
    expect(decideMatch('c1', claims('c1 X e-mail', 'c1 Y e-mail+name', 'c1 Z e-mail'))).toMatchObject({ kind: 'partner', partnerId: 'Y' });
  });

  it('is left to a person where several share as much', () => {
    expect(decideMatch('c1', claims('c1 X e-mail', 'c1 Y e-mail'))).toMatchObject({ kind: 'ambiguous', partners: [{ partnerId: 'X' }, { partnerId: 'Y' }] });
  });

  it('is left to a person where its e-mail says one and its name says another', () => {
    expect(decideMatch('c1', claims('c1 X e-mail', 'c1 Y name'))).toMatchObject({ kind: 'ambiguous', partners: [{ partnerId: 'X' }, { partnerId: 'Y' }] });
  });

  it('is left to a person where another one would fit as well, and so is that one', () => {
    const both = claims('c1 X e-mail', 'c2 X e-mail');
    expect(decideMatch('c1', both)).toMatchObject({ kind: 'ambiguous', rivalIds: ['c2'] });
    expect(decideMatch('c2', both)).toMatchObject({ kind: 'ambiguous', rivalIds: ['c1'] });
  });

  it('leaves a partner to the one that has a better claim, and is created', () => {
    const both = claims('c1 X e-mail', 'c2 X e-mail+name');
    expect(decideMatch('c2', both)).toMatchObject({ kind: 'partner', partnerId: 'X' });
    expect(decideMatch('c1', both)).toEqual({ kind: 'none' });
  });

  it('is created where each of several partners belongs to another with the same e-mail', () => {
    expect(decideMatch('c3', claims('c3 X e-mail', 'c3 Y e-mail', 'c1 X e-mail+name', 'c2 Y e-mail+name'))).toEqual({ kind: 'none' });
  });
});

it('never links two records with one partner, nor one with another in another order', () => {
  const claim = record({
    sourceId: constantFrom('c1', 'c2', 'c3'), partnerId: constantFrom('X', 'Y', 'Z'),
    kinds: uniqueArray(constantFrom('e-mail', 'name', 'phone'), { minLength: 1 }),
  });
  const random = uniqueArray(claim, { selector: ({ sourceId, partnerId }) => `${sourceId} ${partnerId}`, maxLength: 9 });
  assert(property(random, infiniteStream(nat()), (all, order) => {
    const partnerOf = (sourceId: string, among: readonly Claim[]) => {
      const decision = decideMatch(sourceId, among);
      return decision.kind === 'partner' ? decision.partnerId : null;
    };
    const linked = ['c1', 'c2', 'c3'].map((id) => partnerOf(id, all));
    const partners = linked.filter((id) => id !== null);
    expect(new Set(partners).size).toBe(partners.length);
    const shuffled = all.map((one) => ({ one, at: order.next().value })).sort((left, right) => left.at - right.at).map(({ one }) => one);
    expect(['c1', 'c2', 'c3'].map((id) => partnerOf(id, shuffled))).toEqual(linked);
  }));
});
