/**
 * An error that the lab understands: what happened, and what to do next.
 *
 * `code` is stable and is what callers and tests compare; `message` is one short sentence of plain
 * English; `advice` says what to do next. The cause, where there is one, is kept as `cause`.
 */
export class LabError extends Error {
  readonly code: string
  readonly advice: string | undefined

  constructor(code: string, message: string, options: { advice?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'LabError'
    this.code = code
    this.advice = options.advice
  }
}
