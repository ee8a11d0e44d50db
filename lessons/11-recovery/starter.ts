import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import { type Service, type ServiceConfig, startService } from '../10-service-lifecycle/exercise.ts'

/**
 * Starts a service that recovers by itself from every loss.
 *
 * `ready` resolves when the service consumes for the first time. `stop()` ends it for good.
 */
export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  return startService(config, handle)
}
