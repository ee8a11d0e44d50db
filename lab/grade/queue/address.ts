import { LabError } from '../../errors.ts'

/** Where the queues are. The URL may hold a password: only `shown` is ever printed. */
export interface QueueAddress {
  url: string
  /** 'amqps://mq.example.org:5671/grading' */
  shown: string
}

/**
 * Reads the URL of a RabbitMQ. LAB_QUEUE_USER and LAB_QUEUE_PASSWORD count where it has no user.
 *
 * @throws LabError 'usage' where it is none; what was given is not repeated
 */
export function queueAddress(given: string, env: NodeJS.ProcessEnv): QueueAddress {
  if (!URL.canParse(given)) throw noUrl()
  const url = new URL(given)
  if ((url.protocol !== 'amqp:' && url.protocol !== 'amqps:') || url.hostname === '') throw noUrl()
  if (url.username === '' && url.password === '' && env.LAB_QUEUE_USER) {
    url.username = encodeURIComponent(env.LAB_QUEUE_USER)
    url.password = encodeURIComponent(env.LAB_QUEUE_PASSWORD ?? '')
  }
  const path = url.pathname === '/' ? '' : url.pathname
  return { url: url.href, shown: `${url.protocol}//${url.host}${path}` }
}

function noUrl(): LabError {
  return new LabError(
    'usage',
    '--queue takes the URL of a RabbitMQ, such as amqps://user:password@mq.example.org/vhost.',
  )
}
