import { Duplex } from 'node:stream'
import { TCP, TOLD_EVERY, WINDOW } from './agent/frames.mjs'
import type { AgentLine } from './agent-line.ts'

/**
 * A connection that somebody in the sandbox has made: what net.Socket is to a process outside. Neither side has more than a
 * window of bytes under way, so that one that is not read holds up nobody else.
 */
export class SandboxConnection extends Duplex {
  readonly remotePort: number
  readonly #line: AgentLine
  readonly #stream: number
  #underWay = 0
  #mayGoOn: (() => void) | undefined
  /** Come, and not told the other side as taken. */
  #untold = 0
  #isGone = false

  constructor(line: AgentLine, stream: number, remotePort: number) {
    super({ allowHalfOpen: true })
    this.#line = line
    this.#stream = stream
    this.remotePort = remotePort
  }

  resetAndDestroy(): this {
    if (!this.#isGone) this.#line.say({ do: 'reset', stream: this.#stream })
    this.#isGone = true
    return this.destroy()
  }

  /** Bytes have come. */
  comes(bytes: Buffer): void {
    this.#untold += bytes.length
    if (this.push(bytes)) this.#take()
  }

  /** The other end has sent its FIN. */
  ended(): void {
    this.push(null)
  }

  /** The other end is gone; with a code when it was broken off. */
  gone(code?: string): void {
    this.#isGone = true
    this.destroy(code === undefined ? undefined : Object.assign(new Error(`read ${code}`), { code }))
  }

  /** The other end has taken so many bytes. */
  took(bytes: number): void {
    this.#underWay -= bytes
    const goOn = this.#mayGoOn
    if (this.#underWay >= WINDOW || goOn === undefined) return
    this.#mayGoOn = undefined
    goOn()
  }

  override _read(): void {
    this.#take()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#underWay += chunk.length
    this.#line.send(TCP, this.#stream, chunk)
    if (this.#underWay < WINDOW) done()
    else this.#mayGoOn = done
  }

  override _final(done: () => void): void {
    if (!this.#isGone) this.#line.say({ do: 'end', stream: this.#stream })
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#isGone) this.#line.say({ do: 'destroy', stream: this.#stream })
    this.#isGone = true
    done(error)
  }

  #take(): void {
    if (this.#untold < TOLD_EVERY) return
    if (!this.#isGone) this.#line.say({ do: 'took', stream: this.#stream, bytes: this.#untold })
    this.#untold = 0
  }
}
