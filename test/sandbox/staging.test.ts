import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Staging, sweepStaging } from '../../lab/sandbox/staging.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))
  folders.push(made)
  return made
}

/** A lab whose agent is where it is here, so that only the submission is copied. */
async function staged(tree: string) {
  const root = process.cwd()
  const staging = new Staging({ root, folders: [tree] })
  staging.fill([])
  const mount = staging.mounts.find(({ at }) => at === tree)
  return { staging, from: mount?.from ?? '' }
}

test('a submission is copied: its regular files, and neither links nor what is too large', async () => {
  const [tree, elsewhere] = [folder(), folder()]
  const lesson = join(tree, '04-ack-consumer')
  mkdirSync(join(lesson, 'node_modules'), { recursive: true })
  writeFileSync(join(lesson, 'exercise.ts'), 'export {}\n')
  writeFileSync(join(lesson, 'large.ts'), Buffer.alloc(2 * 1024 * 1024))
  writeFileSync(join(elsewhere, 'secret'), 'secret')
  symlinkSync(join(elsewhere, 'secret'), join(lesson, 'link.ts'))
  symlinkSync(elsewhere, join(lesson, 'folder'))
  const { staging, from } = await staged(tree)
  try {
    expect(readdirSync(join(from, '04-ack-consumer'))).toEqual(['exercise.ts'])
    expect(readFileSync(join(from, '04-ack-consumer', 'exercise.ts'), 'utf8')).toBe('export {}\n')
  } finally {
    staging.remove()
  }
  expect(existsSync(from)).toBe(false)
})

test('a submission with more files than any needs is copied so far, and no further', async () => {
  const tree = folder()
  mkdirSync(join(tree, 'many'))
  for (let i = 0; i < 2100; i++) writeFileSync(join(tree, 'many', `${i}.ts`), '')
  const { staging, from } = await staged(tree)
  try {
    expect(readdirSync(join(from, 'many'))).toHaveLength(2000)
  } finally {
    staging.remove()
  }
})

test('what a lab that was killed has left is swept, but not what another process will remove', () => {
  const root = folder()
  // Larger than any number that Linux gives to a process.
  const gone = 2 ** 22 + 1
  const left = { 'nobody-s': undefined, 'being-removed': process.pid, 'given-up': gone, odd: 'x' }
  for (const [name, remover] of Object.entries(left)) {
    mkdirSync(join(root, '.lab', 'sandbox', `${gone}-${name}`, '0'), { recursive: true })
    if (remover) writeFileSync(join(root, '.lab', 'sandbox', `${gone}-${name}`, 'remover'), String(remover))
  }
  expect(readdirSync(sweepStaging(root))).toEqual([`${gone}-being-removed`])
})
