import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../lab/root.ts'
import { writeFileAtomic } from '../../lab/write-file-atomic.ts'
import { emptyProject } from '../lessons/scratch.ts'

test('a file is replaced, and nothing is left beside it', () => {
  using project = emptyProject()
  const file = project.write('x.json', 'old')
  writeFileAtomic(file, 'new', { mode: 0o600 })
  expect(readFileSync(file, 'utf8')).toBe('new')
  expect(readdirSync(project.root)).toEqual(['x.json'])
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
})

/** A full disk takes a part of what is written, and says so only when more is to be: a limit on file sizes does the same. */
test.skipIf(process.platform === 'win32')('where there is no room for the new file, the old one stays', () => {
  using project = emptyProject()
  const file = project.write('x.json', 'old')
  const script = `
    process.on('SIGXFSZ', () => {})
    const { writeFileAtomic } = await import(process.argv[1])
    try { writeFileAtomic(process.argv[2], 'x'.repeat(100_000)) } catch (error) { console.log(error.code) }`
  const module = join(ROOT, 'lab/write-file-atomic.ts')
  const said = execFileSync('sh', [
    '-c',
    'ulimit -f 4 && exec "$@"',
    'sh',
    process.execPath,
    '-e',
    script,
    module,
    file,
  ])
  expect(said.toString()).toBe('EFBIG\n')
  expect(readFileSync(file, 'utf8')).toBe('old')
  expect(readdirSync(project.root)).toEqual(['x.json'])
})
