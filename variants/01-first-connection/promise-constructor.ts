import { type ChannelModel, connect } from 'amqplib'

/** A promise made by hand, settled either way. */
export function openConnection(url: string, name: string): Promise<ChannelModel> {
  return new Promise((resolve, reject) => {
    connect(url, { clientProperties: { connection_name: name } }).then((connection) => {
      const note = (what: string) => () => console.log(`${name}: ${what}`)
      connection.on('error', note('error'))
      connection.on('close', note('close'))
      resolve(connection)
    }, reject)
  })
}
