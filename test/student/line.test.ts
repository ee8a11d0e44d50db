import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { StudentLine } from '../../lab/student/line.ts'

/** A line whose other end is in the test's hands. */
async function line() {
  const [to, from] = [new PassThrough(), new PassThrough()]
  const line = new StudentLine(to, from)
  const [first] = await to.take(1).toArray()
  const key = String(first).trim()
  const heard: unknown[] = []
  const flooded = Promise.withResolvers<string>()
  line.hear((message) => heard.push(message), {
    flood: () => flooded.resolve('flooded'),
    memory: () => flooded.resolve('out of memory'),
  })
  return { line, from, key, heard, flooded: flooded.promise }
}

test('what comes with the key is heard, in parts too; what comes without it is not', async () => {
  const { from, key, heard, line: under } = await line()
  const text = `${key} {"type":"loaded"}\n{"type":"settled","id":1}\n${key} {"type":"pong"}\n${key} no JSON\n`
  for (const letter of text) from.write(letter)
  await under.first
  from.end()
  await new Promise((resolve) => from.once('end', resolve))
  expect(heard).toEqual([{ type: 'loaded' }, { type: 'pong' }])
})

test.each([
  ['a message that is too long', () => 'x'.repeat(2_000_000)],
  ['many that were written by somebody else', () => '{"type":"loaded"}\n'.repeat(500)],
])('%s ends the line', async (_what, much) => {
  const { from, heard, flooded } = await line()
  from.write(much())
  expect(await flooded).toBe('flooded')
  expect(heard).toEqual([])
})
