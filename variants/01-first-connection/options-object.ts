import { type ChannelModel, connect, type Options } from 'amqplib'

/** Takes the URL apart itself, and decodes each part. */
export async function openConnection(url: string, name: string): Promise<ChannelModel> {
  const connection = await connect(optionsFrom(new URL(url)), {
    noDelay: true,
    clientProperties: { connection_name: name },
  })
  connection.on('error', (error: Error) => process.emitWarning(`${name}: ${error.message}`))
  return connection
}

function optionsFrom({ hostname, port, username, password, pathname }: URL): Options.Connect {
  return {
    protocol: 'amqp',
    hostname,
    port: Number(port || 5672),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    vhost: decodeURIComponent(pathname.slice(1)),
  }
}
