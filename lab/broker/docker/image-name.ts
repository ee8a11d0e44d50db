/** An official image with the management plugin, pinned; LAB_RABBITMQ_IMAGE chooses another. */
export const DEFAULT_IMAGE = 'rabbitmq:4.3.6-management'

export function imageName(env: NodeJS.ProcessEnv = process.env): string {
  return env['LAB_RABBITMQ_IMAGE'] || DEFAULT_IMAGE
}
