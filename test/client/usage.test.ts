import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../client/command-error.ts';
import { startCommandLine, type CommandLine } from '../support/command-line.ts';

/** A host that cannot be: no name server is asked for a name whose parts are so long, so it does not matter whether one answers. */
const nowhere = `${'nowhere'.repeat(10)}.invalid`;

/** What a person is told who mistypes, or whose surroundings are not ready: one line, its remedy, and an exit code. */
describe('a command that cannot be done', () => {
  let shell: CommandLine;
  beforeAll(async () => { shell = await startCommandLine(); });
  afterAll(() => shell.stop());

  it.each([
    ['a command', ['hisotry'], 'Did you mean history?'],
    ['an option', ['history', '--limt', '3'], 'Did you mean --limit?'],
    ['a system', ['connect', 'hectr'], 'Did you mean hector?'],
  ])('says what was meant by %s that was mistyped', async (_what, args, meant) => {
    const { exit, out, err } = await shell.run(...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(meant);
  });

  it.each([
    ['a number that is none', ['history', '--limit', 'many'], 'whole number'],
    ['options that exclude each other', ['retry', '--all', '--record', '7'], 'cannot be used with'],
    ['an argument too many', ['status', 'now'], 'Too many arguments'],
  ])('refuses %s', async (_what, args, said) => {
    const { exit, err } = await shell.run(...args);
    expect(exit).toBe(2);
    expect(err).toContain(said);
  });

  it.each([
    ['a key', { BOOKBRIDGE_KEY: undefined }, ['history'], 2, 'BOOKBRIDGE_KEY'],
    ['a key of the right length', { BOOKBRIDGE_KEY: 'c2hvcnQ=' }, ['connect', 'hector', '--settings', 'FILE'], 2, 'BOOKBRIDGE_KEY'],
    ['a database it knows', { DATABASE_URL: 'mysql://localhost/books' }, ['connect', 'hector', '--settings', 'FILE'], 2, 'DATABASE_URL'],
    ['a database that is there', { DATABASE_URL: 'sqlite:nowhere/at-all.sqlite' }, ['history'], 2, 'There is no database at nowhere/at-all.sqlite'],
    ['a folder for the database', { DATABASE_URL: 'sqlite:nowhere/at-all.sqlite' }, ['worker'], 3, 'cannot be opened: there is no folder nowhere. Check'],
    ['a file for the database', { DATABASE_URL: 'sqlite:docs' }, ['history'], 3, 'The database sqlite:docs cannot be opened: it is a folder. Check'],
    ['a file that is a database', { DATABASE_URL: 'sqlite:package.json' }, ['history'], 3, 'cannot be opened: file is not a database. Check'],
    ['a database that runs', { DATABASE_URL: 'postgres://ann:se@cret@127.0.0.1:1/books?password=other' }, ['history'], 3, 'The database postgres://127.0.0.1:1/books cannot be opened: connect ECONNREFUSED 127.0.0.1:1. Check'],
    ['a password that fits into an address', { DATABASE_URL: 'postgres://ann:se@cret/1@127.0.0.1:1/books' }, ['history'], 3, 'in a password @ is written %40'],
    ['a host that there is', { DATABASE_URL: `postgres://ann:secret@${nowhere}/books` }, ['history'], 3, `The database postgres://${nowhere}/books cannot be opened: getaddrinfo `],
    ['a Temporal server', { TEMPORAL_ADDRESS: '127.0.0.1:1' }, ['worker'], 3, 'Temporal does not answer at 127.0.0.1:1. Start it, or set TEMPORAL_ADDRESS'],
    ['both of Zoho\'s addresses', { ZOHO_API_URL: undefined }, ['history'], 2, 'ZOHO_ACCOUNTS_URL and ZOHO_API_URL'],
  ])('asks for %s', async (_what, env, args, exit, said) => {
    const file = await shell.settingsFile();
    const ended = await shell.start(args.map((arg) => (arg === 'FILE' ? file : arg)), env).ended;
    expect(ended.exit).toBe(exit);
    expect(ended.err).toContain(said);
    expect(ended.err).not.toMatch(/\.\.|cret|password=/);
    expect(ended.err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says so in JSON where JSON was asked for', async () => {
    const { exit, out, err } = await shell.start(['history', '--json'], { BOOKBRIDGE_KEY: undefined }).ended;
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'settings-invalid', exit: 2 } });
  });

  it.each([
    [['history', '--limit', 'many', '--json'], "Option '--limit <count>' argument 'many' is invalid. It must be a whole number from 1."],
    [['history', '--limt', '3', '--json'], "Unknown option '--limt'. Did you mean --limit?"], [['nonsense', '--json'], "Unknown command 'nonsense'."],
    [['retry', '--all', '--record', '3', '--json'], "Option '--record <id>' cannot be used with option '--all'."], [['errors', '--csv', '--json'], "Option '--csv' cannot be used with option '--json'."],
  ])('says in JSON what it does not understand: %j', async (args, message) => {
    const { exit, out, err } = await shell.run(...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(JSON.parse(err)).toEqual({ error: { code: null, message, remedy: 'Run it with --help to see what it understands.', exit: 2 } });
  });
});

describe('help', () => {
  let shell: CommandLine;
  beforeAll(async () => { shell = await startCommandLine(); });
  afterAll(() => shell.stop());

  const commands = ['worker', 'serve', 'connect', 'credentials', 'preview', 'import', 'sync', 'retry', 'pause', 'resume', 'disable', 'reactivate', 'status', 'records', 'send', 'delete', 'reconcile', 'history', 'errors'];

  it.each(commands)('of %s has an example', async (command) => {
    const { exit, out } = await shell.run(command, '--help');
    expect(exit).toBe(0);
    expect(out).toMatch(new RegExp(`Example:\n  bookbridge ${command}`));
  });

  it('names every command, also where nothing was said', async () => {
    const { exit, out } = await shell.run();
    expect(exit).toBe(0);
    for (const command of commands) expect(out).toContain(`\n  ${command} `);
  });

  it('names every exit code', async () => {
    const [, codes = ''] = (await shell.run('--help')).out.split('Exit codes:');
    expect([...codes.matchAll(/\d+/g)].map(([code]) => Number(code))).toEqual(Object.values(exitCodes));
  });
});
