import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isStopped, killWhenStopped } from '../../lab/stopped.ts'
import { Descendants } from '../../lab/student/descendants.ts'
import { linkOut } from '../../lab/student/findings/links.ts'
import { until } from '../broker/until.ts'
import { Place } from './place.ts'

const LESSON = '02-retrying-connection'
const onLinux = test.runIf(process.platform === 'linux')

test('an exercise signals itself and nobody else, by whichever of the functions of Node', async () => {
  const source = `
    const to = (name, pid, signal) => { try { process[name](pid, signal); return 'sent' } catch (error) { return error.code } }
    export const connectWithRetry = () => {}
    export const run = () => [
      to('kill', process.pid, 0),
      ...['kill', '_kill', '_debugProcess'].map((name) => to(name, process.ppid, 0)),
      to('kill', -1, 0),
    ]`
  using place = new Place(source)
  await using student = await place.start()
  const { value } = (await student?.ask('run')) ?? {}
  expect(value).toEqual(['sent', 'EPERM', 'EPERM', 'EPERM', 'EPERM'])
})

test('an exercise reads neither the check nor the rest of the lab', async () => {
  const source = `
    import { readFileSync } from 'node:fs'
    const lab = import.meta.resolve('amqplib').replace(/node_modules.*$/, '')
    const reads = (path) => { try { return readFileSync(new URL(lab + path)).length > 0 } catch (error) { return error.code } }
    export const connectWithRetry = () => {}
    export const run = () => ['checks/${LESSON}/check.ts', 'lab/check/judge.ts', 'solutions/${LESSON}/exercise.ts', '.lab'].map(reads)`
  using place = new Place(source)
  await using student = await place.start()
  const { value } = (await student?.ask('run')) ?? {}
  expect(value).toEqual(Array(4).fill('ERR_ACCESS_DENIED'))
})

onLinux('a link that leads out of a submission is refused, wherever it is; one within is not', () => {
  using place = new Place('export const run = () => {}')
  const tree = join(place.folder, 'tree')
  const exercise = join(tree, LESSON, 'exercise.ts')
  symlinkSync(exercise, join(tree, LESSON, 'same.ts'))
  expect(linkOut(exercise, tree)).toBeUndefined()
  writeFileSync(join(place.folder, 'secret'), '')
  mkdirSync(join(tree, 'helpers'))
  symlinkSync(place.folder, join(tree, 'helpers', 'out'))
  expect(linkOut(exercise, tree)?.sentence).toContain('out in')
  symlinkSync(join(place.folder, 'secret'), join(tree, LESSON, 'linked.ts'))
  expect(linkOut(join(tree, LESSON, 'linked.ts'), tree)?.sentence).toContain('leads out of the submission')
})

onLinux(
  'what a process has started is found and ended, in sessions of its own and without its parent too',
  async () => {
    const shell = spawn('sh', ['-c', 'setsid sh -c "sleep 61 & sleep 61 & wait" & sleep 61 & wait'], { detached: true })
    const descendants = new Descendants(shell.pid ?? 0, 'a mark', 64, () => {})
    const living = () => descendants.count
    await until('all of them', living, (count) => count >= 4)
    shell.kill('SIGKILL')
    await once(shell, 'exit')
    descendants.kill(() => shell.kill('SIGKILL'))
    await until('none to be left', living, (count) => count === 0)
  },
)

onLinux('a process that was stopped is killed', async () => {
  const child = spawn('sleep', ['61'])
  const callOff = killWhenStopped(child.pid ?? 0, 10)
  expect(isStopped(child.pid ?? 0)).toBe(false)
  child.kill('SIGSTOP')
  const [, signal] = await once(child, 'exit')
  callOff()
  expect(signal).toBe('SIGKILL')
})
