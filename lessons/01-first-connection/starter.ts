import { type ChannelModel, connect } from 'amqplib'

/**
 * Opens a connection to RabbitMQ.
 *
 * @param url the broker's address, with user, password and virtual host: amqp://user:password@host:5672/vhost
 * @param name the name the broker should show for this connection, such as 'order-service'
 * @returns an open amqplib connection; the caller opens channels on it, and closes it
 */
export async function openConnection(url: string, name: string): Promise<ChannelModel> {
  try {
    const connection = await connect(url)
    console.log(`${name}: connected`)
    return connection
  } catch (error) {
    console.error(`${name}: could not connect`, error)
    process.exit(1)
  }
}
