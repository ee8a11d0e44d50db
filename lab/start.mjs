// The way in, in plain JavaScript: it explains what to do where the lab's own Node is not there.
// As a whole: an old Node has no enableCompileCache, and would fail before it could be told why.
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

const major = Number(process.versions.node.split('.')[0])
if (major < 26) {
  process.stderr.write(
    `Cluster Up brings its own Node 26, but this is Node ${process.versions.node}.\n` +
      'Start it through npm (npm run lab), after npm ci without --omit=optional.\n' +
      'If npm ci installed no Node for this machine (Alpine, 32-bit), install Node 26 yourself and try again.\n',
  )
  process.exitCode = 2
} else {
  // On this signal Node would open its inspector, in which anybody on this machine may run anything.
  process.on('SIGUSR1', () => {})
  // Types are taken out, and modules compiled, once for all commands: worth 0.4 s of a check.
  const cache = fileURLToPath(new URL('../.lab/cache', import.meta.url))
  module.enableCompileCache(cache)
  // For vitest's workers. The students' processes get an environment of their own.
  process.env.NODE_COMPILE_CACHE ??= cache
  await import('../lab.ts')
}
