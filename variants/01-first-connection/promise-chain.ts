import { type ChannelModel, connect } from 'amqplib'

/** An arrow function, a chain, and a listener that does nothing. */
export const openConnection = (url: string, name: string): Promise<ChannelModel> =>
  connect(url, { clientProperties: { connection_name: name } }).then((connection) =>
    connection.on('error', () => undefined),
  )
