import { decodeMethod } from '../../lab/amqp/arguments.ts'
import type { Frame } from '../../lab/amqp/parser.ts'
import { type ContentHeader, decodeHeader, decodeProperties } from '../../lab/amqp/properties.ts'
import type { Heard } from './heard.ts'

const WITH_CONTENT = new Set(['basic.deliver', 'basic.get-ok', 'basic.return'])

interface Parts {
  method: Heard
  header?: ContentHeader
  bodies: Buffer[]
}

/** Puts methods together with their headers and bodies, channel by channel. */
export class Assembler {
  readonly #open = new Map<number, Parts>()

  /** What is complete with this frame, if anything is. */
  add({ kind, channel, payload, bytes }: Frame): Heard | undefined {
    if (kind === 'heartbeat') return { name: kind, args: {} }
    if (kind === 'header' || kind === 'body') return this.#addContent(kind, channel, payload)
    if (kind !== 'method') return { name: kind, args: { bytes } }
    const { name, args } = decodeMethod(payload)
    const method: Heard = { name, args: args as unknown as Record<string, unknown> }
    if (!WITH_CONTENT.has(name)) return method
    this.#open.set(channel, { method, bodies: [] })
    return undefined
  }

  #addContent(kind: 'header' | 'body', channel: number, payload: Buffer): Heard | undefined {
    const parts = this.#open.get(channel)
    if (parts === undefined) return { name: 'undecodable', args: { [kind]: payload } }
    if (kind === 'header') parts.header = decodeHeader(payload)
    else parts.bodies.push(payload)
    const { method, header, bodies } = parts
    const body = Buffer.concat(bodies)
    if (header === undefined || body.length < Number(header.bodySize)) return undefined
    this.#open.delete(channel)
    const { rawProperties } = header
    const properties = decodeProperties(rawProperties)
    return { ...method, content: { properties, rawProperties, body, bodyFrames: bodies.length } }
  }
}
