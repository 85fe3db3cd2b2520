/** Runs the worker in this very process: whatever supervises the command supervises the worker. */
export async function worker(): Promise<void> {
  await import('../../worker/main.ts');
}
