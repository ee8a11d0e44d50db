import { type ChannelModel, connect } from 'amqplib'

/** With a heartbeat, a limit for the handshake, and a line in the log for each thing that happens. */
export async function openConnection(url: string, name: string): Promise<ChannelModel> {
  const target = new URL(url)
  target.searchParams.set('heartbeat', '10')
  const options = { timeout: 8000, keepAlive: true, clientProperties: { connection_name: name, product: name } }
  try {
    const connection = await connect(target.href, options)
    connection.on('error', (error: Error) => console.error(`[${name}] connection error:`, error.message))
    connection.on('close', () => console.log(`[${name}] connection closed`))
    connection.on('blocked', (reason: string) => console.log(`[${name}] blocked: ${reason}`))
    return connection
  } catch (error) {
    console.error(`[${name}] could not connect:`, error)
    throw error
  }
}
