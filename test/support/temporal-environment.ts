import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';

/** What the global setup tells the tests. */
export interface ProvidedTemporal {
  readonly address: string;
  /** Namespace by absolute path of the test file. */
  readonly namespaces: Readonly<Record<string, string>>;
  readonly defaultNamespace: string;
  readonly bundlePath: string | null;
  readonly logFolder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    temporal: ProvidedTemporal;
  }
}

export interface TemporalEnvironment {
  /** Host and port of the server that all tests of this run share. */
  readonly address: string;
  /** A namespace that only this test file uses, so that business ids do not meet those of other files. */
  readonly namespace: string;
  /** A new task queue with every call. */
  readonly taskQueue: string;
  /** The workflows, bundled: `workflowBundle: { codePath: bundlePath }` for a worker. */
  readonly bundlePath: string;
  /** Takes the logs of processes the test starts. */
  readonly logFolder: string;
}

/**
 * The Temporal server for a test in the `temporal` project of vitest.config.ts.
 *
 * @throws Error when there are no workflows yet, or the test's folder is not part of that project
 */
export function temporalEnvironment(): TemporalEnvironment {
  const provided: ProvidedTemporal | undefined = inject('temporal');
  if (provided === undefined) throw new Error('This folder gets no Temporal server: add it in vitest.config.ts.');
  if (provided.bundlePath === null) throw new Error('There is no workflows/index.ts to bundle.');
  const file = expect.getState().testPath ?? '';
  return {
    address: provided.address,
    namespace: provided.namespaces[file] ?? provided.defaultNamespace,
    taskQueue: `test-${randomUUID()}`,
    bundlePath: provided.bundlePath,
    logFolder: provided.logFolder,
  };
}
