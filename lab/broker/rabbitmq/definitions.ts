import { createHash, randomBytes } from 'node:crypto'
import type { VhostLogin } from '../kept-broker.ts'

/** How long a client has to open its connection: on a busy machine the usual ten seconds can be too few. */
export const HANDSHAKE_LIMIT_MS = 60_000

/**
 * Its schedulers sleep when they have nothing to do: by default they go on looking for work, on cores that others need.
 * And nobody is cut off because the machine is slow.
 */
export const ERLANG_FLAGS = `+sbwt none +sbwtdcpu none +sbwtdio none -rabbit handshake_timeout ${HANDSHAKE_LIMIT_MS}`

/** Plugins that a broker of the lab runs: the API that makes virtual hosts, and the events that name connections. */
export const ENABLED_PLUGINS = '[rabbitmq_management,rabbitmq_event_exchange].\n'

/** Virtual hosts that are there from the start: each delays it by some 60 ms, and making one later takes 20 ms. */
const BORN_VHOSTS = 2

/** What a broker is born with: an administrator, and the first virtual hosts, so that the first check waits for none. */
export interface Birth {
  admin: { user: string; password: string }
  vhosts: VhostLogin[]
  /** RabbitMQ's definitions file, imported before the first port opens. */
  definitions: string
}

export function prepareBirth(vhostCount = BORN_VHOSTS): Birth {
  const admin = { user: 'lab-keeper', password: secret() }
  const vhosts = Array.from({ length: vhostCount }, () => newLogin('plain'))
  const all = { configure: '.*', write: '.*', read: '.*' }
  const definitions = JSON.stringify({
    users: [
      { name: admin.user, ...hashed(admin.password), tags: 'administrator' },
      ...vhosts.map(({ user, password }) => ({ name: user, ...hashed(password), tags: '' })),
    ],
    vhosts: [{ name: '/' }, ...vhosts.map(({ name }) => ({ name }))],
    permissions: [
      { user: admin.user, vhost: '/', ...all },
      ...vhosts.map(({ name, user }) => ({ user, vhost: name, ...all })),
    ],
  })
  return { admin, vhosts, definitions }
}

/**
 * Names for a throwaway virtual host and its user.
 *
 * @param spelling 'odd' has characters that must be percent-encoded in a URL
 */
export function newLogin(spelling: 'plain' | 'odd'): VhostLogin {
  const id = randomBytes(4).toString('hex')
  return spelling === 'plain'
    ? { name: `lab-${id}`, user: `student-${id}`, password: secret() }
    : { name: `lab ${id}/50%@home:1`, user: `student-${id}`, password: `p@ss/w:rd 100%-${secret()}` }
}

export function secret(): string {
  return randomBytes(12).toString('hex')
}

/** RabbitMQ's salted SHA-256, as its documentation of password hashes has it. */
function hashed(password: string): { password_hash: string; hashing_algorithm: string } {
  const salt = randomBytes(4)
  const hash = createHash('sha256').update(salt).update(password, 'utf8').digest()
  return {
    password_hash: Buffer.concat([salt, hash]).toString('base64'),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
  }
}
