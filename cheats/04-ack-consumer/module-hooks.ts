// tries: installs module hooks that replace what is loaded later

import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    if (!url.includes('/lab/') && !url.includes('/checks/')) return next(url, context)
    return { format: 'module', source: 'export default { exports: [], calls: {} }', shortCircuit: true }
  },
})

/** Acknowledges nothing: the broker forgets each task as it is delivered. */
export async function consumeTasks(channel, queue, handle) {
  const work = (message) => message && handle(message.content.toString()).catch(() => {})
  const { consumerTag } = await channel.consume(queue, work, { noAck: true })
  return consumerTag
}
