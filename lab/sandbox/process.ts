import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { LINE, STDERR, STDOUT } from './agent/frames.mjs'
import type { AgentLine } from './agent-line.ts'

/** A process in a sandbox: what Node's ChildProcess is to one outside. Its number is that which it has in there. */
export class SandboxProcess extends EventEmitter {
  pid: number | undefined
  exitCode: number | null = null
  signalCode: string | null = null
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  /** The line to the driver in it, in both directions. */
  readonly fromDriver = new PassThrough()
  readonly toDriver: Writable
  readonly #id: number
  readonly #line: AgentLine
  #isClosed = false

  constructor(id: number, line: AgentLine) {
    super()
    this.#id = id
    this.#line = line
    this.toDriver = new Writable({
      write(chunk: Buffer, _encoding, done) {
        line.send(LINE, id, chunk)
        done()
      },
    })
  }

  spawned(pid: number): void {
    this.pid = pid
  }

  kill(signal: NodeJS.Signals): boolean {
    this.#line.say({ do: 'kill', id: this.#id, signal, group: false })
    return true
  }

  killGroup(): void {
    this.#line.say({ do: 'kill', id: this.#id, signal: 'SIGKILL', group: true })
  }

  comes(kind: number, bytes: Buffer): void {
    if (kind === STDOUT) this.stdout.write(bytes)
    if (kind === STDERR) this.stderr.write(bytes)
    if (kind === LINE) this.fromDriver.write(bytes)
  }

  failed(message: string): void {
    this.emit('error', new Error(message))
    this.closed()
  }

  exited(code: number | null, signal: string | null): void {
    if (this.exitCode !== null || this.signalCode !== null) return
    this.exitCode = code
    this.signalCode = signal
    this.emit('exit', code, signal)
  }

  /** It has ended, and its output has. */
  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.toDriver.destroy()
    const streams = [this.stdout, this.stderr, this.fromDriver]
    // Whoever has heard enough has destroyed one.
    const ended = Promise.allSettled(streams.map((stream) => finished(stream.end())))
    for (const stream of streams) stream.resume()
    void ended.then(() => this.emit('close', this.exitCode, this.signalCode))
  }
}
