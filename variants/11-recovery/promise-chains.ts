// Wraps lesson 10 with chains of .then: each life begins the next one.
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import {
  type RunningService,
  type Service,
  type ServiceConfig,
  startService,
} from '../10-service-lifecycle/exercise.ts'

export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  const amqpUrl = `${config.amqpUrl.split('?')[0]}?heartbeat=2`
  const lives: RunningService[] = []
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  let stopped: Promise<unknown> | undefined

  const begin = () => {
    if (stopped) return
    const life = startService({ ...config, amqpUrl }, handle)
    lives.push(life)
    life.ready
      .then(() => {
        ready.resolve()
        return life.lost
      })
      .then(begin, () => {
        if (!stopped) timer = setTimeout(begin, config.retryDelayMs)
      })
  }
  begin()

  return {
    ready: ready.promise,
    stop() {
      clearTimeout(timer)
      ready.reject(new Error('stopped'))
      stopped ??= Promise.all(lives.map((life) => life.stop()))
      return stopped.then(() => {})
    },
  }
}
