/** Splits a stream of bytes into lines of bounded length. */
export class Lines {
  #rest = ''
  readonly #decoder = new TextDecoder()
  readonly #maxLength: number

  constructor(maxLength = 500) {
    this.#maxLength = maxLength
  }

  /** The lines that `chunk` completes. A line that grows too long is cut and ends there. */
  push(chunk: Uint8Array): string[] {
    this.#rest += this.#decoder.decode(chunk, { stream: true })
    const lines = this.#rest.split(/\r?\n/)
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > this.#maxLength) {
      lines.push(this.#rest)
      this.#rest = ''
    }
    return lines.map((line) => this.#cut(line))
  }

  /** What was left without a line end. */
  end(): string[] {
    const rest = this.#rest
    this.#rest = ''
    return rest === '' ? [] : [this.#cut(rest)]
  }

  #cut(line: string): string {
    return line.length <= this.#maxLength ? line : `${line.slice(0, this.#maxLength)}…`
  }
}
