import { type ChannelModel, connect } from 'amqplib'

/**
 * Opens a connection that the broker lists under `name`.
 *
 * A failed attempt rejects with amqplib's error. A connection that is lost later emits 'error', which would end the
 * process if nobody listened; what to do about the loss is the caller's business, who can listen for 'close'.
 */
export async function openConnection(url: string, name: string): Promise<ChannelModel> {
  const connection = await connect(url, { clientProperties: { connection_name: name } })
  connection.on('error', (error: Error) => {
    console.error(`RabbitMQ connection '${name}' lost: ${error.message}`)
  })
  return connection
}
