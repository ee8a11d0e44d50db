import { type ChannelModel, connect } from 'amqplib'

/**
 * Opens a connection to RabbitMQ.
 *
 * @param url where the broker is, with user, password and virtual host: amqp://user:password@host:5672/vhost
 * @param name what the broker shall call the connection: 'order-service'
 * @returns amqplib's connection, open; the caller makes channels on it, and closes it
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
