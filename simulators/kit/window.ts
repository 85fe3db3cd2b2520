/** So many calls in any stretch of time of that length. */
export interface WindowLimit {
  readonly calls: number;
  readonly windowMs: number;
}

/** Counts calls in a window that slides with the clock. */
export interface SlidingWindow {
  /** Whether `limit.calls` calls were counted within `limit.windowMs` before `nowMs`. */
  full(limit: WindowLimit, nowMs: number): boolean;
  /** Counts a call. */
  add(nowMs: number): void;
  /** How many calls are in the window now. */
  size(limit: WindowLimit, nowMs: number): number;
  /** When the next call is allowed (milliseconds since the epoch); `nowMs` where one is allowed now. */
  freeAtMs(limit: WindowLimit, nowMs: number): number;
  /** Forgets every call. */
  clear(): void;
}

/** The limit is given with each question, so that it can be changed while calls are being counted. */
export function createSlidingWindow(): SlidingWindow {
  let times: number[] = [];
  let head = 0;

  function drop(limit: WindowLimit, nowMs: number): void {
    while (head < times.length && (times[head] ?? 0) <= nowMs - limit.windowMs) head += 1;
    if (head > 1000 && head * 2 > times.length) {
      times = times.slice(head);
      head = 0;
    }
  }
  function size(limit: WindowLimit, nowMs: number): number {
    drop(limit, nowMs);
    return times.length - head;
  }
  return {
    size,
    full: (limit, nowMs) => size(limit, nowMs) >= limit.calls,
    add: (nowMs) => {
      times.push(nowMs);
    },
    freeAtMs: (limit, nowMs) => {
      const surplus = size(limit, nowMs) - limit.calls;
      return surplus < 0 ? nowMs : (times[head + surplus] ?? nowMs) + limit.windowMs;
    },
    clear: () => {
      times = [];
      head = 0;
    },
  };
}
