import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const PROTOCOL_HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1')
const FRAME_HEADER_BYTES = 7
const FRAME_END_BYTES = 1

/**
 * Says hello to an AMQP port: a broker that is ready answers with connection.start, which names it.
 *
 * @throws when nobody answers within `limitMs`, or in another language
 */
export function askHello(host: string, port: number, limitMs = 2000): Promise<{ product: string; version: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, timeout: limitMs }, () => socket.write(PROTOCOL_HEADER))
    let answer = Buffer.alloc(0)
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length < FRAME_HEADER_BYTES) return
      const frameBytes = FRAME_HEADER_BYTES + answer.readUInt32BE(3) + FRAME_END_BYTES
      if (answer.length < frameBytes) return
      const product = textProperty(answer, 'product')
      const version = textProperty(answer, 'version')
      if (product === undefined || version === undefined) return fail(new Error('the port does not speak AMQP 0-9-1'))
      socket.destroy()
      resolve({ product, version })
    })
    socket.on('timeout', () => fail(new Error(`no answer within ${limitMs} ms`)))
    socket.on('error', fail)
    socket.on('close', () => reject(new Error('the connection was closed before connection.start')))
  })
}

/** A long-string field of the server-properties table: its short-string name, 'S', the length, the text. */
function textProperty(frame: Buffer, name: string): string | undefined {
  const key = Buffer.from(`${String.fromCharCode(name.length)}${name}S`, 'latin1')
  const at = frame.indexOf(key)
  if (at < 0) return undefined
  const start = at + key.length + 4
  return frame.toString('utf8', start, start + frame.readUInt32BE(start - 4))
}

/** Asks until the broker is ready. Rejects with the signal's reason, and never otherwise. */
export async function untilHello(
  host: string,
  port: number,
  options: { signal: AbortSignal; everyMs?: number; onFailure?: (error: Error) => void },
): Promise<{ product: string; version: string }> {
  for (;;) {
    options.signal.throwIfAborted()
    try {
      return await askHello(host, port)
    } catch (error) {
      options.onFailure?.(error as Error)
    }
    await wait(options.everyMs ?? 20, undefined, { signal: options.signal }).catch(() =>
      options.signal.throwIfAborted(),
    )
  }
}
