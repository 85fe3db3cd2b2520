import { openBookbridge } from '../open.ts';

/** Runs the worker in this very process: whatever supervises the command supervises the worker. */
export async function worker(): Promise<void> {
  // What is wrong with the configuration is said here, in the words of all other commands.
  await (await openBookbridge(process.env)).close();
  await import('../../worker/main.ts');
}
