import { chooseIntegration } from '../choose.ts';
import { CommandError, exitCodes, type ExitCode } from '../command-error.ts';
import { statusDocument, statusOf, type IntegrationStatus } from '../integration-status.ts';
import { openBookbridge, openLocal, type Bookbridge, type Local } from '../open.ts';
import { print } from '../print.ts';
import type { CommonOptions } from '../program.ts';
import { describeStatus } from '../status-report.ts';

/** Shows one integration, or all. Where Temporal does not answer, what is stored is shown all the same. */
export async function status(options: CommonOptions): Promise<ExitCode> {
  const { local, bookbridge, problem } = await openWhatAnswers();
  try {
    const chosen = options.integration === undefined ? await local.store.integrations.list() : [await chooseIntegration(local, options)];
    if (chosen.length === 0) await chooseIntegration(local, options);
    const all: IntegrationStatus[] = [];
    for (const integration of chosen) all.push(await statusOf(local, bookbridge, integration));
    print(options.json, { taskQueue: local.config.taskQueue, integrations: all.map(statusDocument) }, () => all.map((one) => describeStatus(one, local.config.taskQueue)).join('\n\n'));
    const unanswered = problem ?? all.find((one) => one.problem)?.problem;
    if (unanswered) throw unanswered;
    return exitCodes.ok;
  } finally {
    await local.close();
  }
}

async function openWhatAnswers(): Promise<{ local: Local; bookbridge: Bookbridge | null; problem: CommandError | null }> {
  try {
    const bookbridge = await openBookbridge(process.env, { create: false });
    return { local: bookbridge, bookbridge, problem: null };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exit !== exitCodes.unreachable) throw error;
    // Where it was the database that did not open, this fails the same way.
    return { local: await openLocal(process.env, { create: false }), bookbridge: null, problem: error };
  }
}
