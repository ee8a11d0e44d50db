import { readAddresses } from '../../lab/broker/keeper/state-file.ts'
import { brokersFolder } from '../../lab/broker/home.ts'
import { Command } from './command.ts'
import { isNothing, makeRoot, removeRoot, traces, runningProcesses } from './ground.ts'
import { until } from './until.ts'
for (const kind of ['container', 'native'] as const) for (let i = 0; i < 10; i++) {
  const root = makeRoot()
  const c = new Command()
  c.order({ do: 'open', options: { kind, root, idleMs: 60000 } }).catch(() => {})
  const keeper = await until('keeper', () => readAddresses(brokersFolder(root))[0]?.address?.pid)
  const delay = i * (kind === 'native' ? 60 : 120)
  await new Promise((r) => setTimeout(r, delay))
  const before = await traces(root)
  process.kill(keeper!, 'SIGKILL'); const t = performance.now()
  await c.kill()
  // the janitor needs up to three seconds to be sure
  let b2 = before; await new Promise((r) => setTimeout(r, 3500)); b2 = await traces(root, before)
  await until('nothing', () => traces(root, b2), isNothing, 10000)
  const left = runningProcesses().filter((p) => p.command.includes('janitor') )
  console.log(kind, delay, JSON.stringify(before), 'gone', (performance.now() - t).toFixed(0), left.length)
  await removeRoot(root)
}
