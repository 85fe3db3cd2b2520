import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { hector } from '../../../integrations/hector/index.ts';
import { partsToBooks as flow } from '../../../integrations/hector/parts.ts';
import type { Known } from '../../../integrations/integration.ts';
import type { Address, Link } from '../../../store/types.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { contextWith, recordOf } from './world.ts';

const nothingKnown: Known = { link: () => null, data: () => null, isGone: () => false, all: () => [] };
const here: Address = { side: 'other', resource: 'parts', id: 'p-7' };
const withAccount = contextWith({ purchaseAccountId: '46-sales' });

function exported(data: JsonObject, link: Link | null = null, context = withAccount) {
  return flow.map({ ...here, data, link }, nothingKnown, context);
}

describe('a part that is exported', () => {
  it('is an item with its name, the account, and no price yet', () => {
    expect(exported({ description: ' Tripod\t"Big" 🎬 ', categoryId: 'k-1' })).toEqual({
      kind: 'write', resource: 'items', key: 'hector:parts:p-7', fields: { name: 'Tripod "Big" 🎬' }, initial: { rate: '0', account_id: '46-sales' }, notes: [], expected: null,
    });
  });

  it('needs a name that Books takes', () => {
    expect(refusalOf(() => exported({ description: ' ' }))).toBe('value-missing: description: an item needs a name in Books');
    expect(refusalOf(() => exported({ description: 'x'.repeat(101) }))).toBe('value-invalid: description: has 101 characters, Books takes 100');
    expect(refusalOf(() => exported({}))).toMatch(/^record-unreadable: description: /);
  });

  it('needs an account, and the settings are asked for it before anything is started', () => {
    const refusal = 'settings-invalid: purchaseAccountId: must name the sales account of exported parts; enter it and connect again';
    expect(refusalOf(() => flow.onRequest?.check(contextWith()))).toBe(refusal);
    expect(refusalOf(() => exported({ description: 'Tripod' }, null, contextWith()))).toBe(refusal);
    expect(refusalOf(() => flow.onRequest?.check(withAccount))).toBe('no refusal');
  });

  it('is none that came from Books, or was exported before, as long as its item is there', () => {
    const data = { description: 'Tripod', externalReference: 'hector:items:46-7' };
    const link: Link = { module: 'items', other: here, books: { side: 'books', resource: 'items', id: '46-7' }, base: {}, variance: null };
    const refusal = (record: JsonObject, isPartnerGone = false) => flow.onRequest?.refuses?.(recordOf(record), withAccount, { link, isPartnerGone });
    expect(refusal(data)).toEqual({ code: 'part-in-books', detail: 'Tripod' });
    expect(refusal({ ...data, externalReference: null })).toBeNull();
    expect(refusal(data, true)).toBeNull();
    expect(exported({ description: 'Tripod' }, link)).toMatchObject({ kind: 'skip', finding: { code: 'part-in-books' } });
  });

  it('is carried over on request only: no sync has it among what it reads', () => {
    const unasked = hector.modules.flatMap(({ flows }) => flows).filter(({ side, onRequest }) => side === 'other' && !onRequest?.applies(withAccount));
    expect(unasked.flatMap((one) => one.resources(withAccount))).toEqual(['customers', 'loaners']);
  });
});
