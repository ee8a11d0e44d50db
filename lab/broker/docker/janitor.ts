import { setTimeout as wait } from 'node:timers/promises'

/*
 * The janitor: see employ-janitor.ts. Usage: node janitor.ts DOCKER_HOST LABELS, where LABELS is a JSON object.
 * Mostly it is told that all is well, while the machine is busy booting a broker: it loads nothing before it must.
 */

/** A request to create a container that was on its way when the keeper died is carried out within this time. */
const LATE_CREATION_MS = 3000

const [uri = '', labels = '{}'] = process.argv.slice(2)
let said = ''
for await (const chunk of process.stdin) said += chunk
if (said !== 'done') await clearAway()

async function clearAway(): Promise<void> {
  const [{ Engine }, { clearContainers, clearNetworks }] = await Promise.all([
    import('./engine.ts'),
    import('./sweep.ts'),
  ])
  const engine = new Engine(uri)
  const until = performance.now() + LATE_CREATION_MS
  do {
    await clearContainers(engine, JSON.parse(labels))
    await clearNetworks(engine, JSON.parse(labels))
    await wait(100)
  } while (performance.now() < until)
}
