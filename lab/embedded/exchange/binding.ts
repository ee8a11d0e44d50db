import type { Table } from '../../amqp/table.ts'

export interface Destination {
  readonly kind: 'queue' | 'exchange'
  readonly name: string
}

export interface Binding {
  readonly source: string
  readonly destination: Destination
  readonly routingKey: string
  readonly arguments: Table
}

/** What a binding is known by: two that agree in all this are one. */
export function identify({ source, destination, routingKey, arguments: args }: Binding): string {
  const fields = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([source, destination.kind, destination.name, routingKey, fields], (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}
