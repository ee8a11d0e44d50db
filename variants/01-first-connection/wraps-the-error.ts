import * as amqp from 'amqplib'

/** Says more in its error, and keeps the one that happened as the cause. */
export async function openConnection(url: string, name: string): Promise<amqp.ChannelModel> {
  let connection: amqp.ChannelModel
  try {
    connection = await amqp.connect(url, { clientProperties: { connection_name: name } })
  } catch (error) {
    throw new Error(`${name} could not connect to ${new URL(url).host}`, { cause: error })
  }
  connection.addListener('error', (error: Error) => console.warn(error.message))
  return connection
}
