import { execSync } from 'node:child_process'
import { openBroker } from '../../lab/broker/choose.ts'
import { listWarm } from '../../lab/broker/warm.ts'
import { Command, type Opened } from './command.ts'
import { isNothing, makeRoot, removeRoot, traces } from './ground.ts'
import { until } from './until.ts'
for (let i = 0; i < 8; i++) {
  const root = makeRoot(); const T = performance.now(); const lap = (w: string) => console.log(i, w, (performance.now() - T).toFixed(0))
  const [one, two] = [new Command(), new Command()]
  const opened = await Promise.all([one, two].map((c) => c.order<Opened>({ do: 'open', options: { kind: 'native', root, idleMs: 60000 } })))
  lap('open')
  const vhost = await one.order<{ name: string }>({ do: 'openVhost' })
  await one.order({ do: 'turn', restarts: false }); await two.order({ do: 'turn', restarts: true })
  const restarted = two.order({ do: 'restart' })
  const mine = await openBroker({ kind: 'native', root })
  const before = await traces(root)
  await one.kill(); await restarted; lap('restarted')
  await new Promise((r) => setTimeout(r, Math.random() * 200))
  const [status] = await listWarm(root)
  const lost = new Promise((resolve) => mine.lost.addEventListener('abort', resolve, { once: true }))
  process.kill(status!.pid, 'SIGKILL'); await lost; lap('lost')
  try { await until('gone', () => traces(root, before), isNothing, 8000) } catch (e) {
    console.log(String(e))
    for (const g of before.groups) try { console.log(execSync(`ps -A -o pid,ppid,pgid,stat,wchan,etimes,args | awk '$3==${g}' | cut -c1-150; ls -l /proc/${g}/fd`).toString()) } catch {}
    console.log(execSync(`for p in /proc/[0-9]*; do ls -l $p/fd 2>/dev/null | grep -E "$(ls -l /proc/${before.groups[0]}/fd/0 | sed 's/.*-> //;s/[][]/./g')" | sed "s#^#$p #"; done`).toString())
    console.log(execSync('ps -A -o pid,ppid,pgid,stat,etimes,args | cut -c1-140').toString())
    break
  }
  lap('gone')
  await two.kill(); await removeRoot(root)
}
process.exit()
