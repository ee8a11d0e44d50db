import { readFileSync } from 'node:fs'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { messages } from '../messages.ts'
import { locateEngine } from './locate.ts'

/** What the lab asks of `docker image inspect`. */
export interface ImageConfig {
  entrypoint: string[]
  cmd: string[]
}

/**
 * The few calls to Docker that must be quick, must show their progress, or must work in a process that has no time to
 * load testcontainers: looking, pulling, and clearing away. Containers are started by testcontainers.
 *
 * Errors are LabErrors where Docker can't be reached, and Errors with Docker's own words otherwise.
 */
export class Engine {
  readonly uri: string
  readonly #target: ReturnType<typeof parseUri>

  constructor(uri: string = locateEngine()) {
    this.uri = uri
    this.#target = parseUri(uri)
  }

  /** @returns the engine's version */
  async ping(): Promise<string> {
    const { Version: version } = (await this.#json('GET', '/version')) as { Version?: string }
    if (typeof version !== 'string') throw messages.dockerUnclear(this.uri, 'no version')
    return version
  }

  /** @returns undefined where the image is not here */
  async image(name: string): Promise<ImageConfig | undefined> {
    try {
      const { Config: config } = (await this.#json('GET', `/images/${name}/json`)) as {
        Config: { Entrypoint?: string[] | null; Cmd?: string[] | null }
      }
      return { entrypoint: config.Entrypoint ?? [], cmd: config.Cmd ?? [] }
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined
      throw error
    }
  }

  /** @param onLine called with each line of the pull's progress */
  async pull(name: string, onLine: (line: PullLine) => void, signal: AbortSignal): Promise<void> {
    const path = `/images/create?fromImage=${encodeURIComponent(withTag(name))}`
    const response = await this.#send('POST', path, { signal, patient: true })
    for await (const text of createInterface({ input: response })) {
      const line = JSON.parse(text) as PullLine
      if (line.error !== undefined) throw new EngineError(response.statusCode ?? 0, line.error)
      onLine(line)
    }
    signal.throwIfAborted()
  }

  /** The ids of all containers with these labels, running or not. */
  async containers(labels: Record<string, string>): Promise<{ id: string; labels: Record<string, string> }[]> {
    const filters = JSON.stringify({ label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) })
    const path = `/containers/json?all=1&filters=${encodeURIComponent(filters)}`
    const found = (await this.#json('GET', path)) as { Id: string; Labels: Record<string, string> }[]
    return found.map((each) => ({ id: each.Id, labels: each.Labels }))
  }

  /** Kills and removes a container with its anonymous volumes; one that is gone, or just going, is fine. */
  async removeContainer(id: string): Promise<void> {
    await this.#json('DELETE', `/containers/${id}?force=1&v=1`).catch((error: unknown) => {
      if (!(error instanceof EngineError && (error.status === 404 || error.status === 409))) throw error
    })
  }

  /** @returns its id */
  async createNetwork(name: string, labels: Record<string, string>): Promise<string> {
    const created = await this.#json('POST', '/networks/create', { Name: name, Labels: labels, CheckDuplicate: true })
    return (created as { Id: string }).Id
  }

  /** All networks with these labels. */
  async networks(labels: Record<string, string>): Promise<{ id: string; labels: Record<string, string> }[]> {
    const filters = JSON.stringify({ label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) })
    const found = (await this.#json('GET', `/networks?filters=${encodeURIComponent(filters)}`)) as {
      Id: string
      Labels: Record<string, string>
    }[]
    return found.map((each) => ({ id: each.Id, labels: each.Labels }))
  }

  /**
   * Removes a network; one that is gone is fine.
   *
   * @returns false where a container is still on it
   */
  async removeNetwork(id: string): Promise<boolean> {
    try {
      await this.#json('DELETE', `/networks/${id}`)
      return true
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      return error.status === 404
    }
  }

  async #json(method: string, path: string, body?: object): Promise<unknown> {
    const text = await readAll(await this.#send(method, path, body === undefined ? {} : { body }))
    try {
      return text === '' ? undefined : JSON.parse(text)
    } catch {
      throw messages.dockerUnclear(this.uri, JSON.stringify(text.slice(0, 80)))
    }
  }

  #send(
    method: string,
    path: string,
    options: { signal?: AbortSignal; patient?: boolean; body?: object },
  ): Promise<IncomingMessage> {
    const { signal, patient, body } = options
    return new Promise((resolve, reject) => {
      const sent = this.#target.request({
        ...this.#target.options,
        method,
        path,
        ...(signal ? { signal } : {}),
        ...(patient ? {} : { timeout: 10_000 }),
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' } }),
      })
      sent.on('timeout', () => sent.destroy(new Error('no answer within 10 s')))
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (signal?.aborted) reject(signal.reason)
        else if (error.code === 'EACCES' || error.code === 'EPERM') reject(messages.dockerForbidden(this.uri, error))
        else reject(messages.noDocker(this.uri, error))
      })
      sent.on('response', (response) => {
        const status = response.statusCode ?? 0
        if (status < 400) return resolve(response)
        void readAll(response).then((text) => reject(new EngineError(status, wordsOf(text))), reject)
      })
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}

/** Docker said no, in its own words. */
export class EngineError extends Error {
  readonly status: number

  constructor(status: number, words: string) {
    super(words)
    this.status = status
  }
}

/** A line of a pull's progress. */
export interface PullLine {
  id?: string
  status?: string
  error?: string
  progressDetail?: { current?: number; total?: number }
}

function parseUri(uri: string) {
  const socketPath = /^(?:unix|npipe):\/\/(.+)$/.exec(uri)?.[1]
  if (socketPath !== undefined) return { request: requestHttp, options: { socketPath } }
  const { hostname, port } = new URL(uri.replace(/^tcp:/, 'http:'))
  const folder = process.env['DOCKER_CERT_PATH']
  if (process.env['DOCKER_TLS_VERIFY'] !== '1' || folder === undefined) {
    return { request: requestHttp, options: { host: hostname, port: port || 2375 } }
  }
  const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name)))
  return { request: requestHttps, options: { host: hostname, port: port || 2376, ca, cert, key } }
}

/** Without a tag, Docker's API would pull them all. */
function withTag(name: string): string {
  return /[:@][^/]*$/.test(name) ? name : `${name}:latest`
}

function wordsOf(text: string): string {
  try {
    const { message } = JSON.parse(text)
    if (typeof message === 'string') return message
  } catch {
    // Not Docker's JSON: a proxy in between, perhaps. Its own words will do.
  }
  return text.trim().slice(0, 200)
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) text += chunk
  return text
}
