import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

/**
 * A Docker engine that answers as it is told: what is no route of its script, it does not know (404).
 *
 * @param routes by method and path without query: '/version' is there unless it is given
 * @returns its DOCKER_HOST
 */
export async function fakeDocker(routes: Record<string, (response: ServerResponse) => void> = {}): Promise<string> {
  const script: typeof routes = { 'GET /version': (response) => response.end('{"Version":"1.2.3"}'), ...routes }
  const server = createServer((request, response) => {
    const answer = script[`${request.method} ${request.url?.split('?')[0]}`]
    if (answer) answer(response)
    else response.writeHead(404).end('{"message":"no such thing"}')
  })
  const socket = join(scratch(), 'docker.sock')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `unix://${socket}`
}

/** Puts a program in RabbitMQ's place on the PATH, until the test ends: a shell script with this text. */
export function fakeRabbitServer(script: string): void {
  const folder = scratch()
  const file = join(folder, 'rabbitmq-server')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`)
  onTestFinished(() => void vi.unstubAllEnvs())
}

export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lab-fake-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
