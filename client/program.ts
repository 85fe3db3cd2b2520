import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { systems } from '../domain/systems.ts';
import { exitCodes, usageError, type ExitCode } from './command-error.ts';

/** What every command that works with an integration can be told. */
export interface CommonOptions {
  /** Id of the integration; without one, the only one there is. */
  readonly integration?: string;
  readonly json: boolean;
}

type Outcome = Promise<ExitCode | void>;

/**
 * Understands and runs one command line.
 *
 * @param args what stands behind `bookbridge`
 * @returns the exit code
 * @throws CommandError where the line cannot be understood, and whatever the command throws
 */
export async function runProgram(args: readonly string[]): Promise<ExitCode> {
  let exit: ExitCode = exitCodes.ok;
  const program = createProgram((outcome) => { exit = outcome; });
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.ok;
    // The help is shown already.
    if (error.code === 'commander.help') return exitCodes.usage;
    throw usageError(inOneSentence(error.message), 'Run it with --help to see what it understands.');
  }
}

/** What commander says on two lines: `error: unknown option '--limt'` and `(Did you mean --limit?)`. */
function inOneSentence(message: string): string {
  const text = message.replace(/^error: /, '').replace(/\n\((Did you mean .*\?)\)$/s, '. $1');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function createProgram(ended: (exit: ExitCode) => void): Command {
  const program = new Command('bookbridge')
    .description('Keeps the systems a business works in and its Zoho Books in step.')
    // What cannot be understood is told as every other problem is, also in JSON.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', `
Configuration comes from the environment; docs/operations.md has the table.
Exit codes: 0 done, 1 a run or record failed, 2 wrong command, option or setting, 3 Temporal or the database does not answer,
130 Ctrl-C.`);
  const run = <Options>(work: (options: Options) => Outcome) => async (options: Options) => ended((await work(options)) ?? exitCodes.ok);

  command(program, 'worker', 'Runs a worker until it is told to stop (Ctrl-C or SIGTERM)', 'bookbridge worker')
    .action(run(async () => (await import('./commands/worker.ts')).worker()));
  addJson(command(program, 'serve', 'Offers the JSON API until it is told to stop (Ctrl-C or SIGTERM)', 'bookbridge serve --port 8080'))
    .option('--port <number>', 'where it listens; 0 takes a free port', portNumber, 8080)
    .option('--host <address>', 'on which address; others than those of this machine need BOOKBRIDGE_API_TOKEN', '127.0.0.1')
    .action(run(async (options: ServeOptions) => (await import('./commands/serve.ts')).serve(options)));
  addJson(command(program, 'connect', 'Connects a system with an organization of Zoho Books', 'bookbridge connect hector --example > hector.json\n  bookbridge connect hector --settings hector.json'))
    .argument('<system>', `one of ${systems.join(', ')}`)
    .option('--settings <file>', 'JSON file with the settings; - reads them from the standard input')
    .option('--example', 'print a file to fill in, and do nothing else', false)
    .option('--timeout <seconds>', 'how long a person has to press Accept', wholeNumber, 600)
    .action((system: string, options: ConnectOptions) => run(async () => (await import('./commands/connect.ts')).connect(system, options))(options));
  addCommon(command(program, 'credentials', 'Replaces credentials of an integration, once both systems accept them, and keeps its settings and links', 'bookbridge credentials --settings new.json\n  bookbridge credentials --authorize'))
    .option('--settings <file>', 'JSON file with the credentials that are new, as in that of connect; - reads it from the standard input')
    .option('--authorize', 'only ask a person to press Accept again', false)
    .option('--client-id <id>', 'another client of Zoho')
    .option('--client-secret <secret>', 'its secret')
    .option('--domain <domain>', 'another data centre, such as .eu')
    .option('--access <fields...>', 'fields of the access to the other system, each as name=value')
    .option('--timeout <seconds>', 'how long a person has to press Accept', wholeNumber, 600)
    .action(run(async (options: CredentialsOptions) => (await import('./commands/credentials.ts')).credentials(options)));
  addRuns(program, run);
  addStates(program, run);
  addRecords(program, run);
  addNamed(program, run);
  addReports(program, run);
  return program;
}

export interface ConnectOptions {
  readonly settings?: string;
  readonly example: boolean;
  readonly timeout: number;
  readonly json: boolean;
}

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly json: boolean;
}

export interface CredentialsOptions extends CommonOptions {
  readonly settings?: string;
  readonly authorize: boolean;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly domain?: string;
  readonly access?: readonly string[];
  readonly timeout: number;
}

export interface RunOptions extends CommonOptions {
  /** False: only start it. */
  readonly wait: boolean;
}

export interface SyncOptions extends RunOptions {
  readonly module?: string;
  readonly record?: string;
}

export interface DeleteOptions extends RunOptions {
  /** Nobody is asked. */
  readonly yes: boolean;
}

export interface ExportOptions extends RunOptions {
  readonly part?: readonly string[];
}

export interface RetryOptions extends RunOptions {
  readonly change?: number;
  readonly record?: string;
  readonly reason?: string;
  readonly all?: true;
}

type Run = <Options>(work: (options: Options) => Outcome) => (options: Options) => Promise<void>;

function addRuns(program: Command, run: Run): void {
  addCommon(command(program, 'import', 'Starts the initial import and shows how far it is', 'bookbridge import'))
    .option('--no-wait', 'only start it')
    .action(run(async (options: RunOptions) => (await import('./commands/runs.ts')).importAll(options)));
  addCommon(command(program, 'sync', 'Syncs now and shows how far it is', 'bookbridge sync --module items\n  bookbridge sync --record 1042'))
    .option('--module <name>', 'only this module')
    .option('--record <id>', 'only this record, read again by its id in either system')
    .option('--no-wait', 'only start it')
    .action(run(async (options: SyncOptions) => (await import('./commands/runs.ts')).sync(options)));
  addCommon(command(program, 'export-parts', 'Makes parts of Hector items in Books, all of them or those that are named', 'bookbridge export-parts --part 12 13'))
    .option('--part <ids...>', 'only these parts')
    .option('--no-wait', 'only start it')
    .action(run(async (options: ExportOptions) => (await import('./commands/export-parts.ts')).exportParts(options)));
  addCommon(command(program, 'retry', 'Tries again what failed', 'bookbridge retry --reason name-collision\n  bookbridge retry --all'))
    .addOption(new Option('--change <number>', 'only this change, as "errors --csv" names it').argParser(wholeNumber).conflicts(['record', 'reason', 'all']))
    .addOption(new Option('--record <id>', 'only this record').conflicts(['reason', 'all']))
    .addOption(new Option('--reason <code>', 'all with this reason').conflicts('all'))
    .option('--all', 'everything that failed or waits for another record')
    .option('--no-wait', 'only start it')
    .action(run(async (options: RetryOptions) => (await import('./commands/retry.ts')).retry(options)));
}

function addStates(program: Command, run: Run): void {
  const states = {
    pause: 'Stops syncing until "resume"; a run that is under way completes first',
    resume: 'Syncs again after "pause"',
    disable: 'Switches the integration off and keeps its map of links; a run that is under way completes first',
    reactivate: 'Switches a disabled integration on again, with the links it had',
  } as const;
  for (const [name, description] of Object.entries(states) as [keyof typeof states, string][]) {
    const added = addCommon(command(program, name, description, `bookbridge ${name} --integration hector`));
    if (name === 'pause' || name === 'disable') added.option('--no-wait', 'do not wait for a run that is under way');
    added.action(run(async (options: RunOptions) => (await import('./commands/states.ts')).changeState(name, options)));
  }
}

export interface HistoryOptions extends CommonOptions {
  readonly module?: string;
  readonly record?: string;
  readonly limit: number;
}

export interface ReconcileOptions extends CommonOptions {
  readonly module?: string;
  readonly everyField: boolean;
  readonly limit: number;
}

export interface ErrorsOptions extends CommonOptions {
  readonly module?: string;
  readonly reason?: string;
  readonly limit: number;
  readonly csv: boolean;
}

export interface RecordsOptions extends CommonOptions {
  readonly state?: string;
  readonly limit: number;
  readonly after?: string;
  readonly refresh: boolean;
}

export interface PreviewOptions extends CommonOptions {
  readonly limit: number;
}

function addReports(program: Command, run: Run): void {
  addCommon(command(program, 'preview', 'Shows what the import would link, create, leave out or ask about, and does none of it', 'bookbridge preview --limit 50'))
    .option('--limit <count>', 'how many records to show of each kind', wholeNumber, 20)
    .action(run(async (options: PreviewOptions) => (await import('./commands/preview.ts')).preview(options)));
  addCommon(command(program, 'status', 'Shows what runs, what waits and until when, the last runs, the quota and the links', 'bookbridge status'))
    .action(run(async (options: CommonOptions) => (await import('./commands/status.ts')).status(options)));
  addCommon(command(program, 'history', 'Shows what happened to which record, the newest first', 'bookbridge history --module loaners --limit 20'))
    .option('--module <name>', 'only this module')
    .option('--record <id>', 'only this record')
    .option('--limit <count>', 'how many entries', wholeNumber, 50)
    .action(run(async (options: HistoryOptions) => (await import('./commands/history.ts')).history(options)));
  addCommon(command(program, 'errors', 'Shows what did not get through, by reason, and what to do about it', 'bookbridge errors\n  bookbridge errors --csv > errors.csv'))
    .option('--module <name>', 'only this module')
    .option('--reason <code>', 'only this reason')
    .option('--limit <count>', 'how many records to show of each reason', wholeNumber, 5)
    .addOption(new Option('--csv', 'every record, as comma-separated values').default(false).conflicts('json'))
    .action(run(async (options: ErrorsOptions) => (await import('./commands/errors.ts')).errors(options)));
  addCommon(command(program, 'reconcile', 'Holds both systems against each other, record by record; ends with 0 only where they are equal', 'bookbridge reconcile --module loaners'))
    .option('--module <name>', 'only this module')
    .option('--every-field', 'read each record by its id too: one call each, and what listings do not show is compared', false)
    .option('--limit <count>', 'how many records to show of each kind', wholeNumber, 20)
    .action(run(async (options: ReconcileOptions) => (await import('./commands/reconcile.ts')).reconcile(options)));
}

function addRecords(program: Command, run: Run): void {
  addCommon(command(program, 'records', 'Shows the records of a module, each with what was made of it on the other side', 'bookbridge records loaners --state failed'))
    .argument('<module>', 'such as customers')
    .option('--state <name>', 'only records in this state: pending, done, observed, skipped, waiting, failed or withdrawn')
    .option('--limit <count>', 'how many records', wholeNumber, 50)
    .option('--after <place>', 'go on where the list before ended')
    .option('--refresh', 'ask the other side first how the records that are shown are there: one call for 200 of them', false)
    .action((module: string, options: RecordsOptions) => run(async () => (await import('./commands/records.ts')).records(module, options))(options));
}

function addNamed(program: Command, run: Run): void {
  addCommon(command(program, 'send', 'Carries records over that you name, read anew: makes what is made of them, or updates it', 'bookbridge send loaners 1042 1043'))
    .argument('<module>', 'such as customers')
    .argument('<id...>', 'ids of the records, as "records" shows them')
    .option('--no-wait', 'only start it')
    .action((module: string, ids: string[], options: RunOptions) => run(async () => (await import('./commands/send.ts')).send(module, ids, options))(options));
  addCommon(command(program, 'delete', 'Deletes on the other side what was made of records that you name; they stay away until you send them', 'bookbridge delete orders 1042'))
    .argument('<module>', 'such as orders')
    .argument('<id...>', 'ids of the records, as "records" shows them')
    .option('--yes', 'delete without asking', false)
    .option('--no-wait', 'only start it')
    .action((module: string, ids: string[], options: DeleteOptions) => run(async () => (await import('./commands/send.ts')).deleteNamed(module, ids, options))(options));
}

function command(parent: Command, name: string, description: string, example: string): Command {
  return parent.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`);
}

function addCommon(command: Command): Command {
  return addJson(command.option('--integration <id>', 'which integration (default: the only one)'));
}

function addJson(command: Command): Command {
  return command.option('--json', 'print JSON, one document a line', false);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('It must be a port, 0 to 65535.');
  return Number(text);
}
