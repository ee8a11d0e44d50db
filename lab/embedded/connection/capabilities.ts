import { arch, platform, release } from 'node:os'
import type { Table } from '../../amqp/table.ts'

export const PRODUCT = 'Cluster Up embedded broker'
export const VERSION = '1.0.0'

/** What the broker says of itself in connection.start. The capabilities are RabbitMQ's, which it has as well. */
export const SERVER_PROPERTIES: Table = {
  capabilities: {
    publisher_confirms: true,
    exchange_exchange_bindings: true,
    'basic.nack': true,
    consumer_cancel_notify: true,
    'connection.blocked': true,
    consumer_priorities: true,
    authentication_failure_close: true,
    per_consumer_qos: true,
    direct_reply_to: true,
  },
  cluster_name: 'embedded@localhost',
  copyright: 'Part of Cluster Up.',
  information: 'A broker for a lab, not for production.',
  platform: `Node.js ${process.versions.node} on ${platform()} ${arch()} ${release()}`,
  product: PRODUCT,
  version: VERSION,
}

/** Whether a client said in its properties that it can do something. */
export function can(properties: Table, capability: string): boolean {
  const capabilities = properties['capabilities']
  if (typeof capabilities !== 'object' || capabilities === null || Array.isArray(capabilities)) return false
  return (capabilities as Table)[capability] === true
}
