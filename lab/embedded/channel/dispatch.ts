import type { Arguments, DecodedMethod, MethodName } from '../../amqp/methods.ts'
import { unimplementedMethod } from '../errors.ts'
import { basicMethods } from './basic-methods.ts'
import type { Channel } from './channel.ts'
import { channelMethods } from './channel-methods.ts'
import { exchangeMethods } from './exchange-methods.ts'
import { queueMethods } from './queue-methods.ts'
import { txMethods } from './tx-methods.ts'

/** What a channel does for each method that a client may send on it. */
export type Handlers = { [N in MethodName]?: (channel: Channel, args: Arguments<N>) => void }

const HANDLERS = new Map<string, (channel: Channel, args: never) => void>(
  Object.entries({ ...channelMethods, ...exchangeMethods, ...queueMethods, ...basicMethods, ...txMethods }),
)

/** @throws ChannelError, ConnectionError */
export function dispatch(channel: Channel, { name, args }: DecodedMethod): void {
  const handler = HANDLERS.get(name)
  if (handler === undefined) throw unimplementedMethod()
  handler(channel, args as never)
}
