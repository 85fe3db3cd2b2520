import { table, type Column } from './terminal.ts';
import { plainText } from './text-width.ts';

/** What a command says: to the terminal, or one line of JSON. */
export function print(json: boolean, document: unknown, text: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(document) : text().trimEnd()}\n`);
}

/** Where progress and remarks go: beside the result, so that a pipe gets the result alone. */
export function remark(json: boolean, text: string): void {
  if (!json) process.stderr.write(`${text}\n`);
}

/**
 * A command as a person can type it, also where there are several integrations.
 *
 * @param integrationId undefined: it is not chosen yet
 * @param command with its options, such as `retry --all`
 */
export function commandFor(integrationId: string | undefined, command: string): string {
  return `bookbridge ${integrationId === undefined ? command : command.replace(/^\S+/, (name) => `${name} --integration ${integrationId}`)}`;
}

/** A table on the standard output; nothing that stands in a cell can move the cursor. */
export function grid(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  return table(process.stdout, columns, rows.map((row) => row.map((cell) => (typeof cell === 'string' ? plainText(cell) : cell))));
}

/** Such as `1 record`, or `1,200 records`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
