import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Pause } from '../activities/failures.ts';
import type { RunCounts } from '../store/types.ts';
import { progressQuery, type Progress } from './messages.ts';
import { describePause } from './pause.ts';
import { searchAttributes } from './search-attributes.ts';

/** Tells Temporal's UI and whoever asks by query what a run is doing. */
export interface Display {
  readonly step: (module: string, step: Progress['step']) => void;
  readonly pause: (pause: Pause) => void;
  readonly resume: () => void;
  /** Pauses that other workflows of this run met. */
  readonly addPauses: (count: number) => void;
  readonly pauses: () => number;
  readonly done: (counts: RunCounts) => void;
}

/**
 * Answers the progress query from now on, so it is called once in a workflow, at its beginning.
 *
 * @param pausesBefore how many pauses this run met in earlier histories
 */
export function createDisplay(runId: string, pausesBefore: number): Display {
  let progress: Progress = { runId, module: null, step: 'preparing', pause: null, pauses: pausesBefore };
  const update = (change: Partial<Progress>) => {
    progress = { ...progress, ...change };
    const { module, step, pause } = progress;
    setCurrentDetails([module ? `${module}: ${step}` : step, pause?.text].filter(Boolean).join(', '));
  };
  setHandler(progressQuery, () => progress, { description: 'What the run is doing now' });
  return {
    step: (module, step) => {
      update({ module, step });
      upsertSearchAttributes([{ key: searchAttributes.module, value: module }]);
    },
    pause: (pause) => update({ pause: { ...pause, text: describePause(pause) }, pauses: progress.pauses + 1 }),
    resume: () => update({ pause: null }),
    addPauses: (count) => update({ pauses: progress.pauses + count }),
    pauses: () => progress.pauses,
    done: (counts) => {
      update({ module: null, step: 'done' });
      setCurrentDetails(describeCounts(counts));
    },
  };
}

function describeCounts(counts: RunCounts): string {
  const rows = Object.entries(counts).map(([module, outcomes]) => {
    const parts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
    return `- ${module}: ${parts.join(', ') || 'nothing to do'}`;
  });
  return rows.join('\n') || 'Nothing had changed.';
}
