import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * Where the Docker engine is, as a DOCKER_HOST: the environment says, or testcontainers' own settings, or the
 * current context of the `docker` command; else its usual sockets. testcontainers is then told the same, so that
 * the whole lab speaks to one engine.
 */
export function locateEngine(env: NodeJS.ProcessEnv = process.env): string {
  return env['DOCKER_HOST'] || fromTestcontainers() || fromContext(env) || usualSocket(env)
}

function usualSocket(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return 'npipe:////./pipe/docker_engine'
  const system = '/var/run/docker.sock'
  const sockets = [
    system,
    env['XDG_RUNTIME_DIR'] && join(env['XDG_RUNTIME_DIR'], 'docker.sock'),
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.docker/desktop/docker.sock'),
    join('/run/user', String(userInfo().uid), 'docker.sock'),
  ]
  return `unix://${sockets.find((path) => path && existsSync(path)) ?? system}`
}

function fromTestcontainers(): string | undefined {
  const settings = readText(join(homedir(), '.testcontainers.properties')) ?? ''
  return /^\s*tc\.host\s*=\s*(\S+)/m.exec(settings)?.[1] ?? /^\s*docker\.host\s*=\s*(\S+)/m.exec(settings)?.[1]
}

function fromContext(env: NodeJS.ProcessEnv): string | undefined {
  const docker = env['DOCKER_CONFIG'] ?? join(homedir(), '.docker')
  try {
    const name = env['DOCKER_CONTEXT'] ?? JSON.parse(readText(join(docker, 'config.json')) ?? '{}').currentContext
    if (typeof name !== 'string' || name === '' || name === 'default') return undefined
    const id = createHash('sha256').update(name).digest('hex')
    const host = JSON.parse(readText(join(docker, 'contexts/meta', id, 'meta.json')) ?? '{}').Endpoints?.docker?.Host
    return typeof host === 'string' && host !== '' ? host : undefined
  } catch {
    // A broken docker configuration is for `docker` to complain about; the usual sockets are still worth a try.
    return undefined
  }
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
