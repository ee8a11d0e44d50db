import amqp from 'amqplib'

/** A class that opens a connection and reports on its life. */
class Opener {
  readonly #name: string

  constructor(name: string) {
    this.#name = name
  }

  async open(url: string): Promise<amqp.ChannelModel> {
    this.#say('connecting')
    const connection = await amqp.connect(url, { clientProperties: { connection_name: this.#name, role: 'worker' } })
    connection.once('error', (error: Error) => this.#say(`lost, ${error.message}`))
    connection.once('close', (error?: Error) =>
      this.#say(error ? `closed by the other side, ${error.message}` : 'closed'),
    )
    this.#say('connected')
    return connection
  }

  #say(what: string): void {
    console.log(`${this.#name}: ${what}`)
  }
}

export function openConnection(url: string, name: string): Promise<amqp.ChannelModel> {
  return new Opener(name).open(url)
}
