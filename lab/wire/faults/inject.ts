import { encodeMethod } from '../../amqp/frames.ts'
import type { Arguments, MethodName } from '../../amqp/methods.ts'
import type { Fault } from '../fault.ts'

export interface InjectOptions {
  channel?: number
  /** Only on this connection. Default: on every open one. */
  connection?: number
}

/**
 * The student gets a method that the broker never sent, between two frames that it did send; once, when the fault is
 * switched on. The recording has it as a frame of the broker, behind the fault. The broker knows nothing of it: a
 * 'connection.close' makes the student answer 'connection.close-ok', which is forwarded.
 */
export function inject<N extends MethodName>(
  method: N,
  args: Partial<Arguments<N>> = {},
  options: InjectOptions = {},
): Fault {
  const { channel = 0, connection } = options
  const bytes = encodeMethod(channel, method, args)
  return {
    name: 'inject',
    detail: method,
    on: (wire) => {
      for (const link of wire.links()) {
        if (link.open && (connection ?? link.connection) === link.connection) link.inject(bytes)
      }
    },
  }
}
