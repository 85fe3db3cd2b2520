import { escape, plainColumns } from './terminal.ts';
import type { Output } from './terminal.ts';
import { fitText, padText, textWidth } from './text-width.ts';

const redrawMs = 100;
const plainMs = 5_000;
const barColumns = 24;

/** How far a task is. */
export interface TaskState {
  readonly done: number;
  /** Null while it is not known. */
  readonly total: number | null;
  /** What it is doing or waiting for, e.g. "Books allows no call until 14:05". */
  readonly note?: string;
}

export interface Progress {
  /** Shows a task, or its new state; tasks keep the order in which they were first shown. */
  update(task: string, state: TaskState): void;
  /** Writes a line that stays, above the bars. */
  line(text: string): void;
  /** Shows the last state of all and leaves it standing. */
  finish(): void;
}

/**
 * Progress bars of several tasks. On a terminal they are redrawn in place; elsewhere (a log file, a build server) a
 * plain line is written for a task that moved, no more often than every few seconds, and one when it is complete.
 */
export function showProgress(output: Output): Progress {
  return output.isTTY === true ? redrawn(output) : plain(output);
}

function redrawn(output: Output): Progress {
  const tasks = new Map<string, TaskState>();
  let drawnLines = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (above = ''): void => {
    clearTimeout(timer);
    timer = undefined;
    const columns = output.columns ?? plainColumns;
    const lines = taskLines(tasks).map((line) => fitText(line, columns - 1));
    const back = drawnLines === 0 ? '' : `${escape}[${drawnLines}A`;
    output.write(`${back}\r${escape}[J${above}${lines.map((line) => `${line}\n`).join('')}`);
    drawnLines = lines.length;
  };
  return {
    update(task, state): void {
      tasks.set(task, state);
      timer ??= setTimeout(draw, redrawMs);
    },
    line: (text) => draw(`${text}\n`),
    finish(): void {
      draw();
      drawnLines = 0;
      tasks.clear();
    },
  };
}

function plain(output: Output): Progress {
  const tasks = new Map<string, { state: TaskState; written: string; writtenAt: number }>();
  const write = (task: string, entry: { state: TaskState; written: string; writtenAt: number }): void => {
    const text = `${task}: ${stateText(entry.state)}`;
    if (text === entry.written) return;
    entry.written = text;
    entry.writtenAt = performance.now();
    output.write(`${text}\n`);
  };
  return {
    update(task, state): void {
      const entry = tasks.get(task) ?? { state, written: '', writtenAt: -plainMs };
      entry.state = state;
      tasks.set(task, entry);
      if (state.done === state.total || performance.now() - entry.writtenAt >= plainMs) write(task, entry);
    },
    line: (text) => void output.write(`${text}\n`),
    finish(): void {
      for (const [task, entry] of tasks) write(task, entry);
      tasks.clear();
    },
  };
}

function taskLines(tasks: ReadonlyMap<string, TaskState>): string[] {
  const nameColumns = Math.max(0, ...[...tasks.keys()].map(textWidth));
  return [...tasks].map(([task, state]) => `${padText(task, nameColumns)}  ${bar(state)}  ${stateText(state)}`);
}

function bar({ done, total }: TaskState): string {
  const share = total === null || total === 0 ? Number(total === 0) : Math.min(1, done / total);
  const filled = Math.floor(share * barColumns);
  return '█'.repeat(filled) + '░'.repeat(barColumns - filled);
}

function stateText({ done, total, note }: TaskState): string {
  const count = total === null ? String(done) : `${done} of ${total}`;
  return note === undefined || note === '' ? count : `${count}, ${note}`;
}
