/** Setup for tests that are not about limits: our own count of Books' calls is never what they wait for. */
export const unlimited = {
  limits: { minute: { calls: 100_000, windowMs: 1_000 }, day: { calls: 1_000_000, windowMs: 86_400_000 }, concurrent: 50 },
};
