import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ALL_KINDS } from '../kinds/kind.ts'
import { Keeper } from './keeper.ts'
import { logFile } from './state-file.ts'

/*
 * The keeper: a process that boots one broker, shares it among all commands of a checkout, and sees to it that
 * nothing is left of anything. Who watches whom, so that any one of them can be killed (kill -9):
 *
 *   command ──TCP──> keeper ──stdin──> leash (native) or process 1 of the container ──> RabbitMQ
 *      │               │  └──stdin──> janitor, while a container is being created
 *      │ starts        │
 *      v               ├── connection ended:  deletes the command's virtual hosts, gives its turns back,
 *   student            │                      kills the processes that it guarded
 *   processes          ├── leash ended:       kills the broker's process group, deletes its folder
 *                      └── idle for ten minutes, or `doctor --stop`: ends the broker, and itself
 *
 *   keeper killed:     the leash's stdin ends, and it kills the broker and deletes its folder; the container's
 *                      process 1 exits, and Docker removes it; commands see their connection end, and end what
 *                      they started themselves
 *   next start:        sweeps what two deaths at once may have left
 *
 * Usage: node main.ts KIND --folder DIR --key KEY --idle-ms N [--image NAME] [--fresh]
 * The parent is told over IPC: 'registered' (connect now), or 'taken' (there is another keeper: connect to that).
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    key: { type: 'string' },
    'idle-ms': { type: 'string' },
    image: { type: 'string' },
    fresh: { type: 'boolean', default: false },
  },
})
const kind = ALL_KINDS.find((name) => name === positionals[0])
const { folder, key, image, fresh } = values
const idleMs = Number(values['idle-ms'])
if (kind === undefined || folder === undefined || key === undefined || !(idleMs >= 0)) {
  throw new Error('usage: main.ts KIND --folder DIR --key KEY --idle-ms N [--image NAME] [--fresh]')
}

const keeper = new Keeper({ kind, image, folder, key, idleMs, fresh })
const registered = await keeper.register()
if (registered) {
  // This process's output goes to the end of the log, whoever opened it: from here on it is this keeper's alone.
  writeFileSync(logFile(folder, key), '')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => keeper.leave())
  process.on('disconnect', () => keeper.starterGone())
}
process.send?.(registered ? 'registered' : 'taken', () => {
  if (!fresh || !registered) process.disconnect?.()
})
if (registered) {
  void keeper.boot()
  await keeper.left
  process.exit(0)
}
