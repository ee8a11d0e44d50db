const LINES_KEPT = 200

/** The last lines of a broker's log, for the message that says why it died. */
export class LogTail {
  readonly lines: string[] = []
  readonly #pass: (line: string) => void

  constructor(pass: (line: string) => void) {
    this.#pass = pass
  }

  readonly add = (line: string): void => {
    this.lines.push(line)
    if (this.lines.length > LINES_KEPT) this.lines.shift()
    this.#pass(line)
  }
}
