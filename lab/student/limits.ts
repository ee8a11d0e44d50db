/** What a student's process may use. Each is far beyond what any lesson needs. */
export interface Limits {
  /** Printed bytes, both streams together. */
  outputBytes: number
  /** Lines kept in the recording; the last ones are kept apart from them, for the verdict. */
  outputLines: number
  /** Heap of the JavaScript engine, in MiB. */
  heapMiB: number
  /** Memory of the whole process, buffers included. */
  rssBytes: number
  /** How long the event loop may stand still, in milliseconds. */
  blockedMs: number
  /** How long the exercise may take to load, in milliseconds. */
  loadMs: number
}

export const LIMITS: Limits = {
  outputBytes: 4 * 1024 * 1024,
  outputLines: 2000,
  heapMiB: 512,
  rssBytes: 1024 * 1024 * 1024,
  blockedMs: 2000,
  loadMs: 10_000,
}
