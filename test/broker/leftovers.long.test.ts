import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { openBroker } from '../../lab/broker/choose.ts'
import { brokersFolder } from '../../lab/broker/home.ts'
import { readAddresses } from '../../lab/broker/keeper/state-file.ts'
import { type KindName, RABBITMQ_KINDS } from '../../lab/broker/kinds/kind.ts'
import { listWarm } from '../../lab/broker/warm.ts'
import { isAlive } from '../../lab/processes.ts'
import { Command, type Opened } from './command.ts'
import {
  isNothing,
  keeperProcesses,
  leashOf,
  makeRoot,
  removeRoot,
  runningProcesses,
  traces,
  underTest,
} from './ground.ts'
import { until } from './until.ts'

/** Whatever is killed (kill -9), nothing is left: no container, process, folder, virtual host, turn. */

// The embedded broker is in its keeper's process, and ends with it.
for (const { kind, missing } of await underTest(RABBITMQ_KINDS)) {
  if (missing !== undefined) {
    test.skip(`${kind}: can't be tested here: ${missing}`)
    continue
  }
  describe(kind, () => {
    test('two commands that start at once share one keeper, and what one leaves when it is killed is cleared away', async () => {
      const root = scratchRoot()
      const [one, two] = [startCommand(), startCommand()]
      const opened = await Promise.all([one, two].map((each) => open(each, { kind, root })))
      expect(opened[0]).toEqual(opened[1])
      expect(await listWarm(root)).toMatchObject([{ users: 2, kind }])
      expect(keeperProcesses(root)).toHaveLength(1)

      const vhost = await one.order<{ name: string }>({ do: 'openVhost' })
      const guarded = await one.order<number>({ do: 'spawnGuarded' })
      await one.order({ do: 'turn', restarts: false })
      await two.order({ do: 'turn', restarts: true })
      const restarted = two.order({ do: 'restart' })
      await using mine = await openBroker({ kind, root })
      const before = await traces(root)
      await one.kill()

      await restarted
      await until(
        'the guarded processes to be gone',
        () => groupOf(guarded),
        (group) => group.length === 0,
      )
      await until(
        'the virtual host to be gone',
        () => vhostNames(mine),
        (names) => names?.includes(vhost.name) === false,
      )
      expect(isNothing(before)).toBe(false)

      // The keeper is next: its clients hear of it, its broker ends, and the next command starts another.
      const [status] = await listWarm(root)
      const lost = new Promise((resolve) => mine.lost.addEventListener('abort', resolve, { once: true }))
      process.kill(status?.pid ?? 0, 'SIGKILL')
      await lost
      expect(mine.lost.reason).toMatchObject({ code: 'broker-lost' })
      await expect(mine.openVhost()).rejects.toMatchObject({ code: 'broker-lost' })
      await until('the broker to be gone', () => traces(root, before), isNothing)
      expect(await listWarm(root)).toEqual([])
    })

    test('a leash that is killed takes its broker with it, and the keeper tells', async () => {
      const root = scratchRoot()
      await using broker = await openBroker({ kind, root, fresh: true })
      const before = await traces(root)
      const lost = new Promise((resolve) => broker.lost.addEventListener('abort', resolve, { once: true }))
      process.kill(leashOf(kind, before), 'SIGKILL')
      await lost
      expect(broker.lost.reason).toMatchObject({ code: 'broker-died' })
      await until('everything to be gone', () => traces(root, before), isNothing)
      await until(
        'the keeper to be gone',
        () => keeperProcesses(root),
        (found) => found.length === 0,
      )
    })

    test('a command that is killed while its fresh broker boots leaves neither keeper nor broker', async () => {
      const root = scratchRoot()
      const command = startCommand()
      open(command, { kind, root, fresh: true }).catch(() => {})
      const before = await until(
        'the broker to be started',
        () => traces(root),
        (found) => !isNothing(found),
      )
      await command.kill()
      await until('everything to be gone', () => traces(root, before), isNothing)
      await until(
        'the keeper to be gone',
        () => keeperProcesses(root),
        (found) => found.length === 0,
      )
      expect(readAddresses(brokersFolder(root))).toEqual([])
    })

    test('a keeper that is killed as soon as its broker is created leaves nothing', async () => {
      const root = scratchRoot()
      const command = startCommand()
      const opening = open(command, { kind, root })
      opening.catch(() => {})
      const before = await until(
        'the broker to be created',
        () => traces(root),
        (found) => !isNothing(found),
      )
      await until(
        'the command to be connected',
        () => command.phases,
        (phases) => phases.some((phase) => phase === 'preparing' || phase === 'booting'),
      )
      const keeper = readAddresses(brokersFolder(root))[0]?.address?.pid ?? 0
      process.kill(keeper, 'SIGKILL')
      await expect(opening).rejects.toThrow('has ended')
      await until('everything to be gone', () => traces(root, before), isNothing)
      expect(isAlive(keeper)).toBe(false)
    })
  })
}

const roots: string[] = []
afterAll(async () => {
  for (const root of roots) await removeRoot(root)
})

function scratchRoot(): string {
  const root = makeRoot()
  roots.push(root)
  return root
}

function startCommand(): Command {
  const command = new Command()
  onTestFinished(() => command.kill())
  return command
}

function open(command: Command, options: { kind: KindName; root: string; fresh?: boolean }): Promise<Opened> {
  return command.order({ do: 'open', options: { ...options, idleMs: 60_000 } })
}

function groupOf(leader: number) {
  return runningProcesses().filter(({ group }) => group === leader)
}

async function vhostNames({ management }: { management: { url: string; user: string; password: string } | undefined }) {
  const { url = '', user = '', password = '' } = management ?? {}
  const headers = { authorization: `Basic ${btoa(`${user}:${password}`)}` }
  // Just after a restart it does not answer yet.
  const response = await fetch(`${url}api/vhosts`, { headers }).catch(() => undefined)
  const vhosts = response?.ok ? ((await response.json()) as { name: string }[]) : undefined
  return vhosts?.map(({ name }) => name)
}
