import { encodeMethod } from '../../amqp/frames.ts'
import type { Fault, FaultyLink, PassingFrame } from '../fault.ts'

type Confirm = 'basic.ack' | 'basic.nack'

/** A channel in confirm mode. */
interface Publisher {
  link: FaultyLink
  channel: number
  published: number
  open: Set<number>
  /** What the broker has said and the student does not know yet, by tag. */
  kept: Map<number, Confirm>
}

/**
 * The broker's confirms are kept back, and all else goes on; when it is switched off they follow, one by one and in the
 * order of their tags. So may a broker do that has much to write to its disk: confirms keep no order with what else it
 * sends, but for a basic.return, which comes before its ack. For channels that enter confirm mode while it is on. What is
 * kept back is in the recording twice: as held when it came, and as it followed.
 */
export function lateConfirms(): Fault {
  const publishers = new Map<string, Publisher>()
  return {
    name: 'late-confirms',
    watches: ['student', 'broker'],
    frame: ({ link, from, channel, method, fields }) => {
      const place = `${link.connection}/${channel}`
      if (method === 'confirm.select') {
        publishers.set(place, { link, channel, published: 0, open: new Set(), kept: new Map() })
      }
      const publisher = publishers.get(place)
      if (publisher === undefined) return undefined
      if (method === 'basic.publish') publisher.open.add(++publisher.published)
      return from === 'broker' && isConfirm(method) && keep(publisher, method, fields) ? 'drop' : undefined
    },
    off: () => {
      for (const { link, channel, kept } of publishers.values()) {
        for (const [deliveryTag, method] of [...kept].toSorted(([one], [other]) => one - other)) {
          link.inject(encodeMethod(channel, method, { deliveryTag }))
        }
      }
      publishers.clear()
    },
  }
}

/** Returns whether the confirm was about what was published while the fault was on. */
function keep({ open, kept }: Publisher, method: Confirm, fields: PassingFrame['fields']): boolean {
  const upTo = Number(fields.deliveryTag)
  const tags = fields.multiple === true ? [...open].filter((tag) => upTo === 0 || tag <= upTo) : [upTo]
  if (!tags.every((tag) => open.delete(tag))) return false
  for (const tag of tags) kept.set(tag, method)
  return true
}

function isConfirm(method: string): method is Confirm {
  return method === 'basic.ack' || method === 'basic.nack'
}
