import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * Where the Docker engine is, as a DOCKER_HOST: the environment says, or testcontainers' own settings, or the
 * current context of the `docker` command; else its usual sockets. testcontainers is then told the same, so that
 * the whole lab speaks to one engine.
 */
export function locateEngine(env: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  return env['DOCKER_HOST'] || fromTestcontainers(home) || fromContext(env, home) || usualSocket(env, home)
}

function usualSocket(env: NodeJS.ProcessEnv, home: string): string {
  if (process.platform === 'win32') return 'npipe:////./pipe/docker_engine'
  const system = '/var/run/docker.sock'
  const runtime = env['XDG_RUNTIME_DIR']
  const sockets = [
    system,
    runtime && join(runtime, 'docker.sock'),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join('/run/user', String(userInfo().uid), 'docker.sock'),
    // OrbStack, Colima, Rancher Desktop and Podman, where no context names them.
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    join(home, '.rd/docker.sock'),
    runtime && join(runtime, 'podman/podman.sock'),
    join(home, '.local/share/containers/podman/machine/podman.sock'),
  ]
  return `unix://${sockets.find((path) => path && existsSync(path)) ?? system}`
}

function fromTestcontainers(home: string): string | undefined {
  const settings = readText(join(home, '.testcontainers.properties')) ?? ''
  return /^\s*tc\.host\s*=\s*(\S+)/m.exec(settings)?.[1] ?? /^\s*docker\.host\s*=\s*(\S+)/m.exec(settings)?.[1]
}

function fromContext(env: NodeJS.ProcessEnv, home: string): string | undefined {
  const docker = env['DOCKER_CONFIG'] ?? join(home, '.docker')
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
