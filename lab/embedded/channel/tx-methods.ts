import { notTransactional, otherMode } from '../errors.ts'
import type { Channel, Uncommitted } from './channel.ts'
import type { Handlers } from './handlers.ts'
import { Transaction } from './transaction.ts'

/** The class tx. The end of a transaction begins the next one. */
export const txMethods = {
  'tx.select': (channel) => {
    if (channel.confirms !== undefined) throw otherMode('confirm', 'tx')
    channel.transaction ??= new Transaction(channel)
    channel.send('tx.select-ok')
  },
  'tx.commit': (channel) => transactionOf(channel).commit(),
  'tx.rollback': (channel) => {
    transactionOf(channel).rollback()
    channel.send('tx.rollback-ok')
  },
} satisfies Handlers

/** @throws ChannelError */
function transactionOf({ transaction }: Channel): Uncommitted {
  if (transaction === undefined) throw notTransactional()
  return transaction
}
