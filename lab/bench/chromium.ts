import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where this machine has a Chromium; LAB_CHROMIUM or CHROMIUM_PATH says where else. Undefined where it has none. */
export const CHROMIUM = [process.env.LAB_CHROMIUM, process.env.CHROMIUM_PATH, ...PLACES].find(
  (path) => path !== undefined && existsSync(path),
)
