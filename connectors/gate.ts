/**
 * The door every API call goes through. Before the call it takes one from the quota; after it, it tells the quota what the
 * system said about its limits. One gate serves one system and tenant (one Books organization, one Hector instance).
 */
export interface Gate {
  /**
   * @param call makes exactly one API call
   * @throws BookbridgeError `limit-…` with `resumeAtMs`, without having called, when the quota grants no call now
   */
  pass<T>(call: () => Promise<T>): Promise<T>;
  /**
   * Called by a connector when the system itself refused a call because of a limit.
   *
   * @param code which limit
   * @param resumeAtMs when the system says it will answer again (Retry-After, a reset header), or null where it does not
   * @returns when calls are granted again, milliseconds since the epoch
   */
  refused(code: 'limit-minute' | 'limit-day' | 'limit-concurrent', resumeAtMs: number | null): Promise<number>;
}

/** A gate that lets everything pass: for systems without a known limit, and for calls that count towards none. */
export const openGate: Gate = {
  pass: (call) => call(),
  refused: (_code, resumeAtMs) => Promise.resolve(resumeAtMs ?? 0),
};
