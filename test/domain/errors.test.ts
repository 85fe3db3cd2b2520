import { describe, expect, it } from 'vitest';
import { BookbridgeError, errorTable, type ErrorCode } from '../../domain/errors.ts';

describe('a BookbridgeError', () => {
  it('knows who acts and what is concerned by its code, and says it without the full stop of others', () => {
    const collision = new BookbridgeError('name-collision', { detail: 'The customer "IT" already exists.' });
    expect(collision).toMatchObject({ code: 'name-collision', action: 'person', scope: 'record', detail: 'The customer "IT" already exists' });
    expect(collision.message).toBe('name-collision: The customer "IT" already exists');
    expect(collision.name).toBe('BookbridgeError');
    expect(collision.resumeAtMs).toBeUndefined();
  });

  it('carries the time at which the system answers again', () => {
    const limit = new BookbridgeError('limit-minute', { detail: '100 calls a minute', resumeAtMs: 1_800_000 });
    expect(limit).toMatchObject({ action: 'wait', scope: 'connection', resumeAtMs: 1_800_000 });
  });

  it('keeps its cause, and has none where there is none', () => {
    const cause = new Error('socket hang up');
    expect(new BookbridgeError('system-unreachable', { detail: 'no answer', cause }).cause).toBe(cause);
    expect('cause' in new BookbridgeError('system-fault', { detail: '500' })).toBe(false);
  });

  it.each(Object.keys(errorTable) as ErrorCode[])('%s takes action and scope from the table', (code) => {
    const { action, scope } = errorTable[code];
    expect(new BookbridgeError(code, { detail: 'x' })).toMatchObject({ action, scope });
  });
});
