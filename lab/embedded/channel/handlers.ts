import type { Arguments, MethodName } from '../../amqp/methods.ts'
import type { Channel } from './channel.ts'

/** What a channel does for each method that a client may send on it. */
export type Handlers = { [N in MethodName]?: (channel: Channel, args: Arguments<N>) => void }
