import type { Duplex, Readable, Writable } from 'node:stream'
import { safeParse } from 'valibot'
import { CONTROL, Frames, frame } from './agent/frames.mjs'
import { FromAgent, type ToAgent } from './heard.ts'

export interface AgentListener {
  said(message: FromAgent): void
  bytes(kind: number, number: number, bytes: Buffer): void
  /** What comes is not what an agent says. */
  broken(): void
}

const LONGEST_CONTROL = 16 * 1024
const PART = 1024 * 1024

/** The lab's end of the line to the agent in a sandbox: frames over its standard streams, or over a socket. */
export class AgentLine {
  readonly #listener: AgentListener
  readonly #all: Writable[] = []
  #to: Writable
  #from: Readable
  #isOver = false

  constructor(to: Writable, from: Readable, listener: AgentListener) {
    this.#listener = listener
    this.#to = to
    this.#from = from
    this.#begin()
  }

  /** The agent has called: that is the shorter way, and what comes by the other one counts no more. */
  goOnWith(socket: Duplex): void {
    this.#to = socket
    this.#from = socket
    this.#begin()
  }

  #begin(): void {
    const from = this.#from
    this.#all.push(this.#to)
    this.#to.on('error', () => {})
    const frames = new Frames()
    from.on('data', (chunk: Buffer) => {
      if (this.#isOver || from !== this.#from) return
      try {
        frames.push(chunk, (kind, number, payload) => {
          if (kind === CONTROL) this.#listener.said(read(payload))
          else this.#listener.bytes(kind, number, payload)
        })
      } catch {
        this.#isOver = true
        this.#listener.broken()
      }
    })
  }

  say(message: ToAgent): void {
    this.send(CONTROL, 0, Buffer.from(JSON.stringify(message)))
  }

  send(kind: number, number: number, payload: Buffer): void {
    if (this.#isOver || !this.#to.writable) return
    for (let at = 0; at === 0 || at < payload.length; at += PART) {
      const part = payload.length <= PART ? payload : payload.subarray(at, at + PART)
      this.#to.write(frame(kind, number, part))
    }
  }

  end(): void {
    this.#isOver = true
    for (const to of this.#all) to.end()
  }
}

/** @throws when it is not what an agent says */
function read(payload: Buffer): FromAgent {
  if (payload.length > LONGEST_CONTROL) throw new Error('a message from the agent is too long')
  const parsed = safeParse(FromAgent, JSON.parse(payload.toString('utf8')))
  if (!parsed.success) throw new Error('the agent sent an unknown message')
  return parsed.output
}
