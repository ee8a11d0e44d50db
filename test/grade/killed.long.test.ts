import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Broker } from '../../lab/broker/broker.ts'
import { openBroker } from '../../lab/broker/choose.ts'
import { Engine } from '../../lab/broker/docker/engine.ts'
import { startEmbedded } from '../../lab/embedded/embedded.ts'
import { startOf, statOf } from '../../lab/processes.ts'
import { ROOT } from '../../lab/root.ts'
import { probeSandboxes } from '../../lab/sandbox/find.ts'
import { OWNER_LABEL } from '../../lab/sandbox/kinds/docker.ts'
import { until } from '../broker/until.ts'
import { FIRST, GRADE, gradesIn, outcomesIn, THIRD, writeClass } from './a-class.ts'
import { Folder } from './zips.ts'

const LIMIT_MS = 600_000
const STAGING = join(ROOT, '.lab', 'sandbox')
const sandboxes = (await probeSandboxes()).flatMap(({ kind, probe }) => (probe.found ? [kind] : []))

interface Started {
  child: ChildProcess
  said: string[]
}

/** Starts a command whose temporary files are in a folder of their own. */
function start(temporary: string, args: string[]): Started {
  mkdirSync(temporary, { recursive: true })
  const child = spawn(process.execPath, [join(ROOT, 'lab', 'start.mjs'), ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text))
  return { child, said }
}

/** Everything that a process has started, and they in turn: numbers, and when each began. */
function startedBy(root: number): Map<number, string> {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const stat = statOf(name)
    if (stat) parents.set(Number(name), Number(stat[1]))
  }
  const found = new Map<number, string>()
  const add = (pid: number) => {
    for (const [child, parent] of parents) {
      if (parent !== pid || found.has(child)) continue
      found.set(child, startOf(statOf(child)) ?? '')
      add(child)
    }
  }
  add(root)
  return found
}

/** Those that still live: number and command. */
function living(processes: Map<number, string>): string[] {
  return [...processes].flatMap(([pid, began]) => {
    const stat = statOf(pid)
    if (stat === undefined || stat[0] === 'Z' || startOf(stat) !== began) return []
    return [`${pid} ${commandOf(pid)}`]
  })
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '(it has just ended)'
  }
}

function copiesOf(pids: Iterable<number>): string[] {
  const own = new Set([...pids].map(String))
  return readdirSync(STAGING).filter((name) => own.has(name.split('-', 1)[0] ?? ''))
}

async function containersOf(pids: Iterable<number>): Promise<string[]> {
  const engine = new Engine()
  const all = await Promise.all(
    [...pids].map(async (pid) => (await engine.containers({ [OWNER_LABEL]: String(pid) })).map(({ id }) => id)),
  )
  return all.flat()
}

/** Waits until a sandbox is there, kills the process, and says what is left. */
async function killInTheMiddle({ child, said }: Started, sandbox: string): Promise<Map<number, string>> {
  const pid = Number(child.pid)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await until(
    'a submission to run in its sandbox',
    () => {
      if (child.exitCode !== null) throw new Error(`it has ended: ${said.join('')}`)
      return copiesOf(startedBy(pid).keys())
    },
    (copies) => copies.length > 0,
  )
  if (sandbox === 'docker') {
    await until(
      'a container',
      () => containersOf(startedBy(pid).keys()),
      (all) => all.length > 0,
    )
  }
  const processes = startedBy(pid)
  child.kill('SIGKILL')
  await ended
  return processes
}

async function expectNothingOf(processes: Map<number, string>, temporary: string, sandbox: string): Promise<void> {
  const none = (left: unknown[]) => left.length === 0
  await until('its processes to be gone', () => living(processes), none)
  await until('its temporary files to be gone', () => readdirSync(temporary), none)
  await until('the copies in .lab/sandbox to be gone', () => copiesOf(processes.keys()), none)
  if (sandbox === 'docker') await until('its containers to be gone', () => containersOf(processes.keys()), none)
}

describe.skipIf(process.platform !== 'linux').each(sandboxes)('in %s', (sandbox) => {
  const folder = new Folder()
  let dir: string
  let warm: Broker
  beforeAll(async () => {
    // The broker that serves all stays warm by design: it must not be one of theirs.
    warm = await openBroker({ kind: 'embedded' })
    dir = writeClass(folder, ['right', 'wrong'])
    // This one is never done: what kills the others is sure to find it at work.
    const hanging = folder.at('class', 'hanging', FIRST)
    mkdirSync(hanging, { recursive: true })
    writeFileSync(join(hanging, 'exercise.ts'), 'export const openConnection = () => new Promise(() => {})\n')
  })
  afterAll(async () => {
    await warm[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test(
    'after kill -9 of grade nothing is left',
    async () => {
      const temporary = folder.at('of-grade')
      const grade = start(temporary, ['grade', dir, '--out', folder.at('killed'), ...GRADE, '--sandbox', sandbox])
      await expectNothingOf(await killInTheMiddle(grade, sandbox), temporary, sandbox)
    },
    LIMIT_MS,
  )

  test(
    'after kill -9 of a grader nothing is left, and another one does its work in the same sandbox',
    async () => {
      const user = { name: 'grade', password: 'secret', vhosts: ['grading'] }
      await using queue = await startEmbedded({ vhosts: ['grading'], users: [user] })
      const url = `amqp://grade:secret@127.0.0.1:${queue.port}/grading`
      const out = folder.at('queue')
      const grade = start(folder.at('of-class'), ['grade', dir, '--out', out, ...GRADE, '--queue', url])
      const graded = new Promise((resolve) => grade.child.once('close', resolve))
      const temporary = folder.at('of-grader')
      const grader = () => start(temporary, ['grader', '--queue', url, '--sandbox', sandbox])
      await expectNothingOf(await killInTheMiddle(grader(), sandbox), temporary, sandbox)

      const another = grader()
      const ended = new Promise((resolve) => another.child.once('exit', resolve))
      expect(await graded, grade.said.join('')).toBe(0)
      another.child.kill('SIGTERM')
      expect(await ended, another.said.join('')).toBe(0)
      expect(readdirSync(temporary)).toEqual([])
      expect(outcomesIn(out)).toEqual({
        hanging: { [FIRST]: 'failed', [THIRD]: 'missing' },
        right: { [FIRST]: 'passed', [THIRD]: 'passed' },
        wrong: { [FIRST]: 'passed', [THIRD]: 'failed' },
      })
      // What was recorded has come over the queue, too.
      expect(readFileSync(join(out, 'students', 'wrong.html'), 'utf8')).toContain('class="viewer"')
      const used = gradesIn(out).students.flatMap(({ lessons }) =>
        lessons.flatMap(({ judged }) => judged?.sandbox ?? []),
      )
      expect([...new Set(used)]).toEqual([sandbox])
    },
    LIMIT_MS,
  )
})
