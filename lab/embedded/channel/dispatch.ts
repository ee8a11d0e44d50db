import type { DecodedMethod } from '../../amqp/methods.ts'
import { unimplementedMethod } from '../errors.ts'
import { basicMethods } from './basic-methods.ts'
import type { Channel } from './channel.ts'
import { channelMethods } from './channel-methods.ts'
import { exchangeMethods } from './exchange-methods.ts'
import { queueMethods } from './queue-methods.ts'
import { txMethods } from './tx-methods.ts'

const HANDLERS = new Map<string, (channel: Channel, args: never) => void>(
  Object.entries({ ...channelMethods, ...exchangeMethods, ...queueMethods, ...basicMethods, ...txMethods }),
)

/** @throws ChannelError, ConnectionError */
export function dispatch(channel: Channel, { name, args }: DecodedMethod): void {
  const handler = HANDLERS.get(name)
  if (handler === undefined) throw unimplementedMethod()
  handler(channel, args as never)
}
