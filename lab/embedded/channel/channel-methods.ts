import { channelOpenTwice, notHere } from '../errors.ts'
import type { Handlers } from './handlers.ts'

const NO_TRANSACTIONS = 'the embedded broker has no transactions'

/** The classes channel, confirm and access, and what is there of tx: that it is not there. */
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
    channel.selectConfirms()
    if (!noWait) channel.send('confirm.select-ok')
  },
  // Of AMQP 0-8: clients that ask get what the specification calls a dummy.
  'access.request': (channel) => channel.send('access.request-ok', { ticket: 1 }),
  'tx.select': () => {
    throw notHere(NO_TRANSACTIONS)
  },
  'tx.commit': () => {
    throw notHere(NO_TRANSACTIONS)
  },
  'tx.rollback': () => {
    throw notHere(NO_TRANSACTIONS)
  },
} satisfies Handlers
