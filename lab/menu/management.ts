import open from 'open'
import type { LessonScreen } from './context.ts'

/** RabbitMQ's own web page: opened where there is a browser to open it, and its address and login are said always. */
export const management: LessonScreen = async (context, { lesson }) => {
  const page = await context.management?.()
  if (page === undefined) {
    const notice = `Only RabbitMQ has a management page. The broker now is: ${context.statusLine()}.`
    return { go: 'lesson', lesson, notice }
  }
  // The address is on the screen: that no browser came needs no word.
  if (hasScreen(context.env)) void open(page.url).catch(() => {})
  const notice = [
    `RabbitMQ's management page: ${page.url}`,
    `user ${page.user}, password ${page.password}`,
    "It is the lab's own throwaway RabbitMQ: virtual hosts come and go with each check, and the login ends with the broker.",
  ].join('\n')
  return { go: 'lesson', lesson, notice }
}

/** Whether there is a screen for a browser: over ssh, and in a container, there is none. */
function hasScreen(env: NodeJS.ProcessEnv): boolean {
  return ['darwin', 'win32'].includes(process.platform) || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
}
