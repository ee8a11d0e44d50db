import { encodeMethod } from '../../amqp/frames.ts'
import type { Arguments } from '../../amqp/methods.ts'
import type { Fault, PassingFrame } from '../fault.ts'

/**
 * The broker's confirms, its acks and nacks, are kept back, and all else goes on; when it is switched off they follow,
 * in their order. So may a broker do that has much to write to its disk: confirms keep no order with what else it sends,
 * but for a basic.return, which comes before its ack. What is kept back is in the recording twice: as held when it came,
 * and as sent when it followed.
 */
export function lateConfirms(): Fault {
  const kept: PassingFrame[] = []
  return {
    name: 'late-confirms',
    watches: ['broker'],
    frame: (frame) => {
      if (frame.method !== 'basic.ack' && frame.method !== 'basic.nack') return undefined
      kept.push(frame)
      return 'drop'
    },
    off: () => {
      for (const { link, channel, method, fields } of kept.splice(0)) {
        const name = method as 'basic.ack' | 'basic.nack'
        link.inject(encodeMethod(channel, name, fields as Partial<Arguments<typeof name>>))
      }
    },
  }
}
