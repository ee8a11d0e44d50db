import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Lesson } from '../../lab/lessons/lesson.ts'
import { WebApp, type WebOptions } from '../../lab/web/app.ts'
import type { Scratch } from '../lessons/scratch.ts'
import { checker, RABBITMQ, report } from '../menu/fakes.ts'
import { pageOf } from '../viewer/plays.ts'

export const TOKEN = 'a-token-of-the-test'

/** The pages of a project, with checks of the test's own. */
export function webOf(project: Scratch, given: Partial<WebOptions> = {}): WebApp {
  return new WebApp({
    root: project.root,
    token: TOKEN,
    port: () => 4711,
    judging: { check: checker(project) },
    broker: () => `${RABBITMQ.product} ${RABBITMQ.version}`,
    seen: () => pageOf(),
    runner: { canRun: () => false, open: async () => Promise.reject(new Error('nothing is to run')) },
    compare: async ({ name }) => `<p>compared ${name}</p>`,
    ...given,
  })
}

/** What a failure of `failing` is, and what the page of it says. */
const FAILURE = { title: 'answers', seen: 'It says 41.', message: 'It says 41. It looks as if you forgot one.' }

/** Checks in which the first lesson fails with a cure, and a page that has the cure or not. */
export function failing(): Pick<WebOptions, 'judging' | 'seen'> {
  const check = async ({ name }: Lesson) => {
    const found = report(name, 'failed')
    return {
      report: { ...found, expectations: [{ step: 1, verdict: 'failed' as const, ...FAILURE }] },
      broker: RABBITMQ,
    }
  }
  return {
    judging: { check },
    seen: (_lesson, withholds) => `<!doctype html><p>${withholds(FAILURE) ? FAILURE.seen : FAILURE.message}</p>`,
  }
}

/** The same on a port of this machine. */
export class Served implements AsyncDisposable {
  readonly #app: WebApp
  readonly #server: Server

  private constructor(app: WebApp, server: Server) {
    this.#app = app
    this.#server = server
  }

  static async open(project: Scratch, port = 0, given: Partial<WebOptions> = {}): Promise<Served> {
    let listening = 0
    const app = webOf(project, { ...given, port: () => listening })
    const { fetch } = await app.routes()
    const server = serve({ fetch, port, hostname: '127.0.0.1' }) as Server
    await new Promise((resolve) => server.once('listening', resolve))
    listening = (server.address() as AddressInfo).port
    return new Served(app, server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/?token=${TOKEN}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app[Symbol.asyncDispose]()
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}
