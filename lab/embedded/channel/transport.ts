import type { Arguments, MethodName } from '../../amqp/methods.ts'
import type { Table } from '../../amqp/table.ts'
import type { Broker } from '../broker.ts'
import type { MemoryLimit } from '../connection/memory-limit.ts'
import type { Output } from '../connection/output.ts'
import type { ConnectionError } from '../errors.ts'
import type { User } from '../users.ts'
import type { Vhost } from '../vhost.ts'

/** What channels need of the connection that carries them. */
export interface Transport {
  readonly broker: Broker
  readonly vhost: Vhost
  readonly user: User
  /** What the client said of itself. */
  readonly properties: Table
  readonly frameMax: number
  readonly channelMax: number
  readonly output: Output
  readonly memoryLimit: MemoryLimit
  send<N extends MethodName>(channel: number, name: N, args?: Partial<Arguments<N>>): void
  /** Content frames that were at fault belong to the method before them. */
  failMethod(error: ConnectionError, classId: number, methodId: number): void
  /** Its number may be opened again. */
  channelEnded(channel: number): void
}
