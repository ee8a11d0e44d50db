import { spawn } from 'node:child_process'
import type { Context, LessonScreen } from './context.ts'

/** RabbitMQ's own web page: opened where there is a browser to open it, and its address and login are said always. */
export const management: LessonScreen = async (context, { lesson }) => {
  const page = await context.management?.()
  if (page === undefined) {
    const notice = `There is no management page: it belongs to RabbitMQ, and now there is: ${context.statusLine()}.`
    return { go: 'lesson', lesson, notice }
  }
  const command = browserOf(context.env)
  if (command) open(command, page.url, context)
  const notice = [
    `RabbitMQ's management page: ${page.url}`,
    `user ${page.user}, password ${page.password}`,
    "It is the lab's own throwaway RabbitMQ: virtual hosts come and go with each check, and the login ends with the broker.",
  ].join('\n')
  return { go: 'lesson', lesson, notice }
}

/** What opens a page here; undefined where there is no screen for a browser (over ssh, in a container). */
function browserOf(env: NodeJS.ProcessEnv): string[] | undefined {
  if (process.platform === 'darwin') return ['open']
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '""']
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}

/** The address has been said: that no browser came needs no word. */
function open([program = '', ...args]: string[], url: string, { env }: Context): void {
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: process.platform !== 'win32', env })
  child.on('error', () => {})
  child.unref()
}
