// amqplib's callback API: no promise anywhere. What is in hand goes back by nack when it stops.
import * as amqp from 'amqplib/callback_api'

export interface ServiceConfig {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
}

export function loadConfig(env: NodeJS.ProcessEnv): ServiceConfig {
  function read(name: string, fallback: number, valid: (n: number) => boolean): number {
    const value = +(env[name] ?? fallback)
    if (valid(value)) return value
    throw Error(`environment variable ${name} has the value "${env[name]}", which it can not have`)
  }
  let { protocol, href } = { protocol: '', href: env.AMQP_URL ?? 'amqp://localhost' }
  try {
    ;({ protocol, href } = new URL(href))
  } catch (cause) {
    throw new Error('AMQP_URL is no URL', { cause })
  }
  if (protocol !== 'amqp:' && protocol !== 'amqps:') throw new Error(`AMQP_URL has the protocol ${protocol}`)
  return {
    amqpUrl: href,
    queue: env.QUEUE ?? 'task_queue',
    prefetch: read('PREFETCH', 1, (n) => Number.isInteger(n) && n >= 1 && n <= 0xffff),
    retryDelayMs: read('RETRY_DELAY_MS', 5000, (n) => n >= 0 && n <= 0x7fffffff),
  }
}

function work(config: ServiceConfig, connection: amqp.Connection): void {
  connection.on('error', (error: Error) => console.error(error.message))
  connection.createChannel((failed, channel) => {
    if (failed) throw failed
    channel.on('error', (error: Error) => console.error(error.message))
    channel.assertQueue(config.queue, { durable: true }, (refused, { queue }) => {
      if (refused) throw refused
      console.log('Declared queue: %s', queue)
      channel.prefetch(config.prefetch)
      channel.consume(config.queue, (message) => {
        if (!message) return
        const task = message.content.toString()
        console.log(' [x] Received %s', task)
        const dots = task.match(/\./g)?.length ?? 0
        setTimeout(
          () => {
            channel.ack(message)
            console.log(' [x] Done with %s', task)
          },
          dots * Number(process.env.DOT_MS ?? '1000'),
        )
      })
      console.log(' [*] Waiting for messages. To exit press CTRL+C')
    })
    process.removeAllListeners('SIGINT')
    process.on('SIGINT', () => {
      channel.nackAll(true)
      channel.close(() => {
        connection.close(() => {
          console.log('Exiting consumer')
          process.exit()
        })
      })
    })
  })
}

function start(config: ServiceConfig): void {
  console.log('Attempting to connect to RabbitMQ...')
  amqp.connect(config.amqpUrl, (error, connection) => {
    if (error) {
      console.log('RabbitMQ connection failed: %s. Retrying in %d ms', error, config.retryDelayMs)
      setTimeout(start, config.retryDelayMs, config)
    } else {
      console.log('Successfully connected to RabbitMQ!')
      work(config, connection)
    }
  })
}

if (import.meta.main) {
  process.on('SIGINT', () => {
    console.log('Exiting consumer')
    process.exit()
  })
  start(loadConfig(process.env))
}
