import { Reader } from '../../amqp/bytes.ts'
import { readTable } from '../../amqp/table.ts'

/** Who somebody says to be. */
export interface Credentials {
  name: string
  password: string
}

/** How each mechanism that is offered writes them; undefined for a response that it does not have. */
const MECHANISMS: Record<string, (response: Buffer) => Credentials | undefined> = { PLAIN: plain, AMQPLAIN: amqplain }

/** As connection.start lists them, the first one first. */
export const OFFERED = Object.keys(MECHANISMS).join(' ')

export function isOffered(mechanism: string): boolean {
  return Object.hasOwn(MECHANISMS, mechanism)
}

export function credentialsOf(mechanism: string, response: string | Uint8Array): Credentials | undefined {
  return MECHANISMS[mechanism]?.(Buffer.from(response))
}

/** RFC 4616: an identity to act for, which is left empty, the name and the password, with a NUL before each of the two. */
function plain(response: Buffer): Credentials | undefined {
  const [, name, password] = /^[^\0]*\0([^\0]*)\0([^\0]*)$/.exec(response.toString()) ?? []
  return name === undefined || password === undefined ? undefined : { name, password }
}

/** AMQP's own, older than 0-9-1: a field table with LOGIN and PASSWORD, without its length in front. */
function amqplain(response: Buffer): Credentials | undefined {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(response.length)
  try {
    const { LOGIN, PASSWORD } = readTable(new Reader(Buffer.concat([size, response])))
    return typeof LOGIN === 'string' && typeof PASSWORD === 'string' ? { name: LOGIN, password: PASSWORD } : undefined
  } catch {
    // No table: it is as wrong as one that lacks the two.
    return undefined
  }
}
