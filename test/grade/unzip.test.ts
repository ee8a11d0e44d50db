import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unzip } from '../../lab/grade/submission/unzip.ts'
import { Folder, zipOf, zipWithLink } from './zips.ts'

/** An absolute path where anybody may write. */
const ELSEWHERE = join(tmpdir(), 'cluster-up-evil.ts')
const LIMITS = { files: 10, fileBytes: 1000, bytes: 2000 }

function zipped(folder: Folder, content: Uint8Array): string {
  writeFileSync(folder.at('in.zip'), content)
  return folder.at('in.zip')
}

test('files are unpacked where they belong', async () => {
  using folder = new Folder()
  const leftOut = await unzip(zipped(folder, zipOf({ 'a/b.ts': 'one', 'c.ts': 'two' })), folder.at('out'), LIMITS)
  expect(leftOut).toEqual([])
  expect(readFileSync(folder.at('out', 'a', 'b.ts'), 'utf8')).toBe('one')
  expect(readFileSync(folder.at('out', 'c.ts'), 'utf8')).toBe('two')
})

test.each(['../evil.ts', 'a/../../evil.ts', ELSEWHERE, 'C:/evil.ts', '..\\evil.ts'])(
  'nothing is written outside the folder: %s',
  async (name) => {
    using folder = new Folder()
    const unpacking = unzip(zipped(folder, zipOf({ [name]: 'evil' })), folder.at('out'), LIMITS)
    await expect(unpacking).rejects.toMatchObject({ code: 'zip-broken' })
    expect(readdirSync(folder.path)).not.toContain('evil.ts')
    expect(existsSync(ELSEWHERE)).toBe(false)
  },
)

test('a link is left out, and told', async () => {
  using folder = new Folder()
  const leftOut = await unzip(zipped(folder, zipWithLink('exercise.ts', '/etc/passwd')), folder.at('out'), LIMITS)
  expect(leftOut).toEqual(['exercise.ts: it is a link or a device, not a file'])
  expect(existsSync(folder.at('out', 'exercise.ts'))).toBe(false)
})

test.each([
  ['too many files', Object.fromEntries(Array.from({ length: 11 }, (_, nth) => [`${nth}.ts`, '']))],
  ['a file that is too large', { 'large.ts': 'x'.repeat(1001) }],
  ['files that are too large together', { 'a.ts': 'x'.repeat(900), 'b.ts': 'x'.repeat(900), 'c.ts': 'x'.repeat(900) }],
])('%s is refused', async (_, files) => {
  using folder = new Folder()
  await expect(unzip(zipped(folder, zipOf(files)), folder.at('out'), LIMITS)).rejects.toMatchObject({
    code: 'zip-too-large',
  })
})

test('a zip that says less than it holds is refused before it fills the disk', async () => {
  using folder = new Folder()
  const bytes = Buffer.from(zipOf({ 'bomb.ts': 'x'.repeat(5_000_000) }))
  // The size is in the central directory, at 24 bytes from its signature.
  bytes.writeUInt32LE(10, bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 24)
  await expect(unzip(zipped(folder, bytes), folder.at('out'), LIMITS)).rejects.toMatchObject({
    code: expect.stringMatching(/^zip-(broken|too-large)$/),
  })
})

test('what is no zip is told as such', async () => {
  using folder = new Folder()
  const unpacking = unzip(zipped(folder, Buffer.from('no zip at all')), folder.at('out'), LIMITS)
  await expect(unpacking).rejects.toMatchObject({ code: 'zip-broken' })
})
