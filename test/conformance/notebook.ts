/**
 * What was observed in a scenario: lines, in order, under a heading for each channel of each connection. The order of
 * lines is kept within a channel only: AMQP promises no more.
 */
export type Observation = Record<string, string[]>

const GENERATED = /amq\.(gen|ctag)-[\w-]+|amq\.rabbitmq\.reply-to\.[\w.=+/-]+/g

/** Takes notes, and replaces what no two runs have in common. */
export class Notebook {
  readonly #lines = new Map<string, string[]>()
  readonly #generated = new Map<string, string>()
  readonly #secrets: [text: string, placeholder: string][]
  #closed = false

  /** @param names what the virtual host and its user are called, with their placeholders; the longest first */
  constructor(names: [text: string, placeholder: string][]) {
    this.#secrets = names
  }

  note(heading: string, line: string): void {
    if (this.#closed) return
    let lines = this.#lines.get(heading)
    if (lines === undefined) {
      lines = []
      this.#lines.set(heading, lines)
    }
    lines.push(this.#normalise(line))
  }

  /** What comes from now on is not noted. */
  close(): Observation {
    this.#closed = true
    return Object.fromEntries([...this.#lines].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #normalise(line: string): string {
    let text = line
    for (const [name, placeholder] of this.#secrets) text = text.replaceAll(name, placeholder)
    return text.replace(GENERATED, (name) => {
      const known = this.#generated.get(name)
      if (known !== undefined) return known
      const kind = name.startsWith('amq.rabbitmq') ? 'amq.rabbitmq.reply-to.' : name.slice(0, name.indexOf('-') + 1)
      const placeholder = `${kind}<generated-${this.#generated.size + 1}>`
      this.#generated.set(name, placeholder)
      return placeholder
    })
  }
}
