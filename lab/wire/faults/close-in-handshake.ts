import type { MethodName } from '../../amqp/methods.ts'
import type { Fault } from '../fault.ts'
import { sendersOf } from '../match.ts'

export interface CloseInHandshakeOptions {
  /**
   * As soon as the connection arrives ('accept'), or instead of forwarding the client's protocol header or a method:
   * 'connection.start', 'connection.tune', 'connection.open-ok', ...
   */
  at: 'accept' | 'protocol-header' | MethodName
  /** In the orderly way, or with an RST. Default 'end'. */
  how?: 'end' | 'reset'
  /** How many connections. Default: all, until it is switched off. */
  times?: number
}

/** The connection is closed while it is being opened. */
export function closeInHandshake(options: CloseInHandshakeOptions): Fault {
  const { at, how = 'end', times = Number.POSITIVE_INFINITY } = options
  let left = times
  const fault = { name: 'close-in-handshake', detail: `${how} at ${at}` }
  if (at === 'accept') {
    return {
      ...fault,
      accepted: (link) => {
        if (left-- > 0) link.break(how)
      },
    }
  }
  return {
    ...fault,
    watches: sendersOf(at),
    frame: ({ method }) => (method === at && left-- > 0 ? how : undefined),
  }
}
