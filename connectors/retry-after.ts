/**
 * When a system that refused a call may be asked again: `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3).
 *
 * @returns milliseconds since the epoch; null where the header is not there or says neither
 */
export function retryAtMs(header: string | string[] | undefined): number | null {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return null;
  const atMs = /^\d+$/.test(value) ? Date.now() + Number(value) * 1000 : Date.parse(value);
  return Number.isNaN(atMs) ? null : atMs;
}
