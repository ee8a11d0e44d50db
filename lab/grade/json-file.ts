import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes an object whose last property is a long list, entry by entry: of a class of any size, one student is in memory.
 * The file is written beside itself and renamed.
 */
export class JsonListFile {
  readonly #file: string
  readonly #beside: string
  readonly #open: number
  #isFirst = true

  /** @param head the object's other properties @param list the list's name */
  constructor(file: string, head: Record<string, unknown>, list: string) {
    mkdirSync(dirname(file), { recursive: true })
    this.#file = file
    this.#beside = `${file}.${process.pid}.new`
    this.#open = openSync(this.#beside, 'w')
    this.#write(`${JSON.stringify(head).slice(0, -1)},\n${JSON.stringify(list)}: [\n`)
  }

  add(entry: unknown): void {
    this.#write(`${this.#isFirst ? '' : ',\n'}${JSON.stringify(entry)}`)
    this.#isFirst = false
  }

  end(): void {
    this.#write('\n]}\n')
    closeSync(this.#open)
    renameSync(this.#beside, this.#file)
  }

  #write(text: string): void {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#open, bytes, at)
  }
}
