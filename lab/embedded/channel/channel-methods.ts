import { channelOpenTwice, notHere, otherMode } from '../errors.ts'
import type { Handlers } from './handlers.ts'

/** The classes channel, confirm and access. */
export const channelMethods = {
  'channel.open': () => {
    throw channelOpenTwice()
  },
  'channel.flow': (channel, { active }) => {
    if (!active) throw notHere('active=false')
    channel.send('channel.flow-ok', { active })
  },
  'channel.close': (channel) => channel.closed(),
  'confirm.select': (channel, { noWait }) => {
    if (channel.transaction !== undefined) throw otherMode('tx', 'confirm')
    channel.selectConfirms()
    if (!noWait) channel.send('confirm.select-ok')
  },
  // Of AMQP 0-8: clients that ask get what the specification calls a dummy.
  'access.request': (channel) => channel.send('access.request-ok', { ticket: 1 }),
} satisfies Handlers
