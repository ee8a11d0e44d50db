import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import {
  type RunningService,
  type Service,
  type ServiceConfig,
  startService,
} from '../10-service-lifecycle/exercise.ts'

/** In seconds: two of them without a byte, and the link counts as dead. In production 5 to 20 will do. */
const HEARTBEAT_S = 1

/**
 * A service that comes back by itself, whatever it loses. Each life is one service of lesson 10, with a connection, a
 * channel and a consumer of its own; when it is lost, the next one begins.
 *
 * `ready` resolves when the first life is ready. It rejects when the broker refuses that one, and when it is stopped first.
 */
export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  const settings = { ...config, amqpUrl: withHeartbeat(config.amqpUrl) }
  const stopping = new AbortController()
  const ready = Promise.withResolvers<void>()
  // Whoever stops a service that never became ready need not look at it.
  ready.promise.catch(() => {})
  /** All whose tasks may still be in hand. */
  const lives = new Set<RunningService>()

  async function live(): Promise<void> {
    let everReady = false
    while (!stopping.signal.aborted) {
      let connected = false
      const life = startService(settings, handle)
      lives.add(life)
      void life.lost.then(() => {
        connected = true
      })
      try {
        await life.ready
        everReady = true
        ready.resolve()
        await Promise.race([life.lost, aborted(stopping.signal)])
      } catch (error) {
        if (stopping.signal.aborted) return
        // It never had a connection, so the broker has said no. Trying again will not change its mind.
        if (!everReady && !connected) return ready.reject(error)
        console.error(`The service could not be set up: ${(error as Error).message}`)
        await sleep(settings.retryDelayMs, undefined, { signal: stopping.signal }).catch(() => {})
      }
      // Its tasks go on; their acks find a closed channel. stop() of lesson 10 waits for them, and so does ours.
      void life.stop().then(() => lives.delete(life))
    }
  }

  const living = live()

  async function stop(): Promise<void> {
    stopping.abort()
    ready.reject(new Error('The service was stopped before it was ready.'))
    await Promise.all([...lives].map((life) => life.stop()))
    await living
  }

  return { ready: ready.promise, stop }
}

/** Whatever the URL says about heartbeats, and whatever else it says. */
function withHeartbeat(amqpUrl: string): string {
  const url = new URL(amqpUrl)
  url.searchParams.set('heartbeat', String(HEARTBEAT_S))
  return url.href
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
