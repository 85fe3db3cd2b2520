/** Starts one Temporal server for a whole test run, with a namespace for each test file, and bundles the workflows. */
import { join, relative } from 'node:path';
import type { TestProject } from 'vitest/node';
import { hasWorkflows, workflowBundle } from '../../worker/bundle.ts';
import { createLogFolder } from '../../scripts/logs.ts';
import { createProcesses } from '../../scripts/processes.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { startTemporalServer } from '../../scripts/temporal-server.ts';
import type { ProvidedTemporal } from './temporal-environment.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = project.config.root;
  const { testFiles } = await project.globTestFiles();
  const namespaces = Object.fromEntries(testFiles.map((file) => [file, namespaceOf(relative(join(root, 'test'), file))]));
  const logFolder = createLogFolder(join(root, '.bookbridge', 'logs'));
  const processes = createProcesses(logFolder, (error) => console.error(error.message));
  const server = await startTemporalServer({
    processes,
    ui: false,
    namespaces: Object.values(namespaces),
    searchAttributes: Object.values(searchAttributes),
    log: (line) => console.log(line),
  });
  const provided: ProvidedTemporal = {
    address: server.address,
    // A server that is not ours has no namespaces for the tests.
    namespaces: server.started ? namespaces : {},
    defaultNamespace: server.namespace,
    bundlePath: hasWorkflows() ? await workflowBundle() : null,
    logFolder,
  };
  project.provide('temporal', provided);
  return () => processes.stopAll();
}

/** `e2e/lost-answers.test.ts` → `e2e-lost-answers` */
function namespaceOf(file: string): string {
  return file.replace(/\.test\.ts$/, '').replaceAll(/[^A-Za-z0-9]+/g, '-');
}
