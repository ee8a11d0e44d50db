import { describe, expect, test } from 'vitest'
import { Place } from './place.ts'

const RUN = 'export function run() {}\n'

/** What is wrong with an exercise, its source, the finding's ID, how its sentence begins, and what its detail says to write. */
// biome-ignore format: a row a line.
const SOURCES: [what: string, source: string | Buffer, id: string, begins: string, write: string][] = [
  ['a package that the lab lacks', `import w from 'winston'\n${RUN}`, 'package-missing', "exercise.ts:1 imports 'winston'", 'console.log()'],
  ['dotenv', `\nimport 'dotenv/config'\n${RUN}`, 'package-missing', "exercise.ts:2 imports 'dotenv'", 'process.env'],
  ['a package for AMQP', `import a from 'amqp-connection-manager'\n${RUN}`, 'package-missing', 'exercise.ts:1', 'use amqplib'],
  ['a package that is required', `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\nconst p = require('pino')\n${RUN}`, 'package-missing', "exercise.ts:3 imports 'pino'", "require('pino')"],
  ['a package that is imported late', `await import('uuid')\n${RUN}`, 'package-missing', "exercise.ts:1 imports 'uuid'", 'randomUUID'],
  ['a misspelt package', `import a from 'ampqlib'\n${RUN}`, 'package-missing', 'exercise.ts:1', "Did you mean 'amqplib'?"],
  ['a file that amqplib does not share', `import a from 'amqplib/lib/channel.js'\n${RUN}`, 'package-missing', 'exercise.ts:1', "Import from 'amqplib'"],
  ['a misspelt module of Node', `import t from 'node:timer/promises'\n${RUN}`, 'package-missing', 'exercise.ts:1', "'node:timers/promises'"],
  ['a path from the root of a project', `import l from 'src/log'\n${RUN}`, 'package-missing', "exercise.ts:1 imports 'src/log'", "'./helper.ts'"],
  ['a URL', `import a from 'https://esm.sh/amqplib'\n${RUN}`, 'package-missing', 'exercise.ts:1', "import amqp from 'amqplib'"],
  ['an alias of a lesson', `import { openConnection } from '@/01-first-connection/exercise'\n${RUN}`, 'path-alias', 'exercise.ts:1', "import { openConnection } from '../01-first-connection/exercise.ts'"],
  ['an alias of a file', `import { log } from '~/log'\n${RUN}`, 'path-alias', 'exercise.ts:1', "import { log } from './log.ts'"],
  ['a file that is not there', `import './helper.ts'\n${RUN}`, 'module-missing', "exercise.ts:1 imports './helper.ts'", 'folder of the importing file'],
  ['a lesson under another name', `import '../01-connection/exercise.ts'\n${RUN}`, 'module-missing', 'exercise.ts:1', "'../01-first-connection/exercise.ts'"],
  ['a file that may not be read', `import '/etc/hostname'\n${RUN}`, 'access-denied', "exercise.ts:1 imports '/etc/hostname'", 'its own tree'],
  ['a type imported as a value', `import amqp, { Channel, connect } from 'amqplib'\n${RUN}`, 'import-not-exported', 'exercise.ts:1 imports Channel', "import amqp, { type Channel, connect } from 'amqplib'"],
  ['types only, over several lines', `import {\n  Channel,\n  ChannelModel,\n} from 'amqplib'\n${RUN}`, 'import-not-exported', 'exercise.ts:', "import type { Channel, ChannelModel } from 'amqplib'"],
  ['a name that Node does not have', `import { sleep } from 'node:timers/promises'\n${RUN}`, 'import-not-exported', 'exercise.ts:1 imports sleep', 'setTimeout'],
  ['require', `const { connect: open } = require('amqplib')\n${RUN}`, 'commonjs', 'exercise.ts:1 uses require()', "import { connect as open } from 'amqplib'"],
  ['require.main', `${RUN}if (require.main === module) run()\n`, 'commonjs', 'exercise.ts:2 uses require.main', 'if (import.meta.main) run()'],
  ['module.exports', 'function run() {}\nmodule.exports = { run }\n', 'commonjs', 'exercise.ts:2 uses module.exports', 'export { run }'],
  ['exports', 'exports.run = () => 1\n', 'commonjs', 'exercise.ts:1 uses exports', 'export const run = () => 1'],
  ['__dirname', `const here = __dirname\n${RUN}`, 'commonjs', 'exercise.ts:1 uses __dirname', 'const here = import.meta.dirname'],
  ['an enum', `\nenum Colour { Red }\n${RUN}`, 'unsupported-syntax', 'exercise.ts:2 uses an enum', 'const Colour = {'],
  ['a namespace', `namespace A { export const b = 1 }\n${RUN}`, 'unsupported-syntax', 'exercise.ts:1 uses a namespace', 'plain object'],
  ['a parameter property', `class A {\n  constructor(private b: string) {}\n}\n${RUN}`, 'unsupported-syntax', 'exercise.ts:2 uses a parameter property', 'in the constructor'],
  ['a type in angle brackets', `const a = <string>process.env.A\n${RUN}`, 'unsupported-syntax', 'exercise.ts:1 uses a type in angle brackets', '(process.env.A as string)'],
  ['a line that begins with one', `\nconst a = 1\n(<any>a).b = 2\n${RUN}`, 'unsupported-syntax', 'exercise.ts:3 uses a type in angle brackets', ';(a as any)'],
  ['a parameter in angle brackets', `process.on('exit', (<any>code: number) => {})\n${RUN}`, 'unsupported-syntax', 'exercise.ts:1 uses a type in angle brackets', 'as Type'],
  ['import =', `import amqp = require('amqplib')\n${RUN}`, 'unsupported-syntax', 'exercise.ts:1 uses import', "import amqp from 'amqplib'"],
  ['export =', 'function run() {}\nexport = run\n', 'unsupported-syntax', 'exercise.ts:2 uses export =', 'export { run }'],
  ['a decorator', `\n@Injectable()\nclass A {}\n${RUN}`, 'unsupported-syntax', 'exercise.ts:2 uses a decorator', 'Remove @Injectable'],
  ['JSX', `const view = () => (\n  <p>\n    hi\n  </p>\n)\n${RUN}`, 'unsupported-syntax', 'exercise.ts:', 'write a string'],
  ['a name declared twice', `const a = 1\nconst a = 2\n${RUN}`, 'syntax-error', 'exercise.ts:2 has a syntax error', 'Rename one'],
  ['a bracket that is not closed', 'export function run() {\n', 'syntax-error', 'exercise.ts:', 'not closed'],
  ['a merge conflict', `<<<<<<< HEAD\n${RUN}=======\n>>>>>>> other\n`, 'syntax-error', 'exercise.ts:1', 'keep one of the two sides'],
  ['another encoding', Buffer.from(RUN, 'utf16le'), 'syntax-error', 'exercise.ts is not UTF-8 text', 'Save it'],
  ['Markdown around it', `\`\`\`ts\n${RUN}\`\`\`\n`, 'failed-to-load', 'exercise.ts:1', 'remove the ones with ```'],
  ['what is no JSON', `JSON.parse('{')\n${RUN}`, 'failed-to-load', 'exercise.ts:1 failed', "JSON.parse('{')"],
  ['a file that is read', `import { readFileSync } from 'node:fs'\nreadFileSync('/etc/hostname')\n${RUN}`, 'access-denied', 'exercise.ts:2 tries to read /etc/hostname', 'process.env'],
  ['a worker thread', `import { Worker } from 'node:worker_threads'\nnew Worker('./a.js')\n${RUN}`, 'access-denied', 'exercise.ts:2 tries to start a worker thread', 'one process'],
  ['a process', `import { spawn } from 'node:child_process'\nspawn('ls')\n${RUN}`, 'access-denied', 'exercise.ts:2 tries to start a process', 'about processes'],
  ['a connection at the top level', `import { connect } from 'amqplib'\nconst c = await connect('amqp://127.0.0.1:1')\n${RUN}`, 'failed-to-load', 'Your file failed while it was being loaded', 'exercise.ts:2   const c = await connect'],
  ['an exit at the top level', `${RUN}process.exit(0)\n`, 'failed-to-load', 'exercise.ts:2 ended the process', 'process.exit(0)'],
  ['a default export only', 'function run() {}\nexport default run\n', 'export-missing', 'Your file has no export called run: exercise.ts:2 exports it only as the default export', 'export function run() {}'],
  ['no export', 'function run() {}\n', 'export-missing', 'Your file has no export called run: exercise.ts:1 declares it', 'Write: export function run() {}'],
  ['an export in other letters', 'export const Run = () => 1\n', 'export-missing', 'Your file has no export called run: exercise.ts:1 exports Run', 'const Run'],
  ['an error', `\nthrow new TypeError('oh')\n${RUN}`, 'failed-to-load', 'exercise.ts:2 failed while your file was being loaded: TypeError: oh', 'outside a function'],
  ['an export that is no function', 'export const run = 1\n', 'not-a-function', 'exercise.ts:1 exports run', 'const run = 1'],
]

test.concurrent.each(SOURCES)(
  'names file and line of %s, and what to write',
  async (_what, source, id, begins, write) => {
    using place = new Place(source)
    expect(await place.start()).toBeUndefined()
    const finding = await place.finding()
    const said = `${finding.sentence}\n${finding.detail}`
    expect(finding.id).toBe(id)
    expect(finding.sentence.slice(0, begins.length)).toBe(begins)
    expect(finding.detail).toContain(write)
    // Neither another file's name nor a frame of Node's or the lab's.
    expect(said).not.toMatch(/lab\.ts|lab\/|node:internal|^\s+at /m)
  },
)

test('shows the signature that the lesson asks for', async () => {
  using place = new Place('export const connect = 1\n')
  place.write('tree/driver.ts', "export default { exports: ['connectWithRetry'], calls: {} }\n")
  await place.start()
  expect((await place.finding()).detail).toContain(
    'export async function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel>',
  )
})

test('shows where a file waits at its top level for what never comes', async () => {
  using place = new Place(`\nawait new Promise(() => setInterval(() => {}, 1000))\n${RUN}`)
  await place.start({ limits: { loadMs: 500 } })
  expect(await place.finding()).toMatchObject({
    id: 'slow-to-load',
    detail: expect.stringContaining('exercise.ts:2   await new Promise'),
  })
})

test('shows where a file loops at its top level', async () => {
  using place = new Place(`const forEver = true\nwhile (forEver) {}\n${RUN}`)
  await place.start({ limits: { blockedMs: 500 } })
  expect(await place.finding()).toMatchObject({
    id: 'slow-to-load',
    detail: expect.stringContaining('exercise.ts:2   while (forEver) {}'),
  })
})

test('an earlier lesson that waits for ever is replaced by the solution', async () => {
  using place = new Place(
    "import { openConnection } from '../01-first-connection/exercise.ts'\nexport function run() { return openConnection() }\n",
    {
      'solutions/01-first-connection/exercise.ts': "export function openConnection() { return 'the solution' }\n",
      'tree/01-first-connection/exercise.ts': 'await new Promise(() => {})\nexport function openConnection() {}\n',
    },
  )
  await using student = await place.start({ limits: { loadMs: 60_000 } })
  expect(await student?.ask('run')).toMatchObject({ value: 'the solution' })
})

test.each([
  ["import('dotenv')", "exercise.ts:1 imports 'dotenv'", 'process.env'],
  [
    "import('node:worker_threads').then(({ Worker }) => new Worker('./a.js'))",
    'exercise.ts:1 tries to start a worker thread',
    'fork()',
  ],
  ["Promise.reject(require('amqplib'))", 'exercise.ts:1 uses require()', 'import and export'],
])('tells a call that fails with %s in the same words', async (expression, begins, words) => {
  using place = new Place(`export async function run() { await ${expression} }\n`)
  await using student = await place.start({ mayFork: true })
  const { error } = (await student?.ask('run')) ?? {}
  expect(error?.message.slice(0, begins.length)).toBe(begins)
  expect(error?.message).toContain(words)
})

test.each([
  ['a package', "import 'dotenv'\n", 'package-missing', "exercise.ts:1 imports 'dotenv'"],
  ['CommonJS', 'if (require.main === module) console.log(1)\n', 'commonjs', 'exercise.ts:1 uses require.main'],
  ['a decorator', '@a\nclass B {}\n', 'unsupported-syntax', 'exercise.ts:1 uses a decorator'],
])('tells what keeps a program from running in the same words: %s', async (_what, source, id, begins) => {
  using place = new Place(source)
  await using student = await place.start({ program: true })
  await student?.ends()
  const finding = await place.finding()
  expect(finding.id).toBe(id)
  expect(finding.sentence.slice(0, begins.length)).toBe(begins)
})

test('a program that crashes on what is no JSON has no syntax error', async () => {
  using place = new Place("setImmediate(() => JSON.parse('{'))\n")
  await using student = await place.start({ program: true })
  await student?.ends()
  expect(await place.finding()).toMatchObject({ id: 'crashed', sentence: expect.stringContaining('in JSON') })
})

test('says that an await of a program never came to its end', async () => {
  using place = new Place('await new Promise(() => {})\n')
  await using student = await place.start({ program: true })
  await student?.ends()
  expect((await place.finding()).sentence).toContain('an await at its top level')
})

const LOG = "import { word } from './log.ts'\nexport const run = () => word\n"

/** What is odd about a tree, and its files: the exercise's `run` resolves with 'good'. */
// biome-ignore format: a row a line.
const ODD: [what: string, files: Record<string, string>][] = [
  ['a byte order mark, #! and CRLF', { 'exercise.ts': "\uFEFF#!/usr/bin/env node\r\nexport const run = (): string => 'good'\r\n" }],
  ['an import without its ending', { 'exercise.ts': LOG.replace('.ts', ''), 'log.ts': "export const word: string = 'good'\n" }],
  ['the ending of the compiled file', { 'exercise.ts': LOG.replace('.ts', '.js'), 'log.ts': "export const word: string = 'good'\n" }],
  ['an index file', { 'exercise.ts': LOG.replace('log.ts', 'lib'), 'lib/index.ts': "export const word: string = 'good'\n" }],
  ['a file beside the lessons', { 'exercise.ts': LOG.replace('./log.ts', '../shared/log'), '../shared/log.ts': "export const word: string = 'good'\n" }],
  ['a helper in CommonJS', { 'exercise.ts': LOG.replace('.ts', '.js'), 'log.js': "exports.word = require('./word').word\n", 'word.js': "module.exports.word = 'good'\n" }],
  ['a helper in JavaScript', { 'exercise.ts': LOG.replace('.ts', '.js'), 'log.js': "export const word = 'good'\n" }],
  ['a package.json for CommonJS', { 'exercise.ts': LOG.replace('.ts', ''), 'log.ts': "export const word: string = 'good'\n", '../package.json': '{ "type": "commonjs" }' }],
  ['a package.json for ES modules', { 'exercise.ts': LOG.replace('.ts', '.js'), 'log.js': "export const word = 'good'\n", '../package.json': '{ "type": "module" }' }],
  ['createRequire', { 'exercise.ts': "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\nconst { connect } = require('amqplib')\nconst { word } = require('./log')\nexport const run = () => connect && word\n", 'log.ts': "export const word: string = 'good'\n" }],
  ['an earlier lesson without its ending', { 'exercise.ts': "import { openConnection } from '../01-first-connection/exercise'\nexport const run = () => openConnection()\n", '../01-first-connection/exercise.ts': "export const openConnection = (): string => 'good'\n" }],
  ['an earlier lesson with the ending of the compiled file', { 'exercise.ts': "import { openConnection } from '../01-first-connection/exercise.js'\nexport const run = () => openConnection()\n", '../01-first-connection/exercise.ts': "export const openConnection = (): string => 'good'\n" }],
  ['a package of its own', { 'exercise.ts': "import word from 'mine'\nexport const run = () => word\n", '../node_modules/mine/index.js': "module.exports = 'good'\n" }],
]

/** What is odd about a tree, its files, and how what is said of it begins. */
// biome-ignore format: a row a line.
const REFUSED: [what: string, files: Record<string, string>, begins: string][] = [
  ['exercise.js', { 'exercise.js': RUN }, 'There is no file EXERCISE, but there is exercise.js next to it.'],
  ['exercise.ts.txt', { 'exercise.ts.txt': RUN }, 'There is no file EXERCISE, but there is exercise.ts.txt next to it.'],
  ['nothing but what lies there from the start', { 'starter.ts': RUN, 'forty-services.ts': RUN }, 'There is no file EXERCISE yet.'],
  ['a folder', { 'exercise.ts/index.ts': RUN }, 'EXERCISE is a folder.'],
  ['a large file', { 'exercise.ts': `//${'x'.repeat(3 << 20)}` }, 'EXERCISE has 3 MiB.'],
  ['a helper that needs a package', { 'exercise.ts': LOG, 'log.ts': "import 'pino'\nexport const word = 1\n" }, "log.ts:1 imports 'pino'"],
  ['a helper with an enum', { 'exercise.ts': LOG, 'log.ts': 'export enum word { a }\n' }, 'log.ts:1 uses an enum.'],
  ['a helper with a syntax error', { 'exercise.ts': LOG, 'log.ts': 'export const word = 1\nexport const word = 2\n' }, 'log.ts:2 has a syntax error'],
  ['a helper that fails', { 'exercise.ts': LOG, 'log.ts': "export const word = 1\nthrow new Error('oh')\n" }, 'log.ts:2 failed while your file was being loaded: Error: oh'],
  ['a helper that exports a type', { 'exercise.ts': LOG, 'log.ts': 'export type word = string\n' }, "exercise.ts:1 imports word from './log.ts' as a value"],
  ['a helper of another name', { 'exercise.ts': LOG, 'logs.ts': RUN }, "exercise.ts:1 imports './log.ts', but there is no such file."],
  ['JSX in a helper', { 'exercise.ts': LOG.replace('.ts', '.tsx'), 'log.tsx': RUN }, "exercise.ts:1 imports './log.tsx', a kind of file that Node can't run."],
  ['JSON', { 'exercise.ts': LOG.replace('.ts', '.json'), 'log.json': '{}' }, "exercise.ts:1 imports './log.json', but not as JSON."],
  ['a helper in CommonJS where all is ES modules', { 'exercise.ts': LOG.replace('.ts', '.js'), 'log.js': 'exports.word = 1\n', '../package.json': '{ "type": "module" }' }, 'log.js is CommonJS, but the package.json'],
  ['a broken package.json', { 'exercise.ts': RUN, '../package.json': '{' }, "Node can't read"],
]

describe.each(['outside', 'inside'] as const)('a tree %s the project', (where) => {
  const placed = (files: Record<string, string>) =>
    new Place(
      undefined,
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`tree/02-retrying-connection/${name}`, text])),
      where,
    )

  test.concurrent.each(ODD)('may have %s', async (_what, files) => {
    using place = placed(files)
    await using student = await place.start()
    expect(place.recorder.events.filter(({ kind }) => kind === 'finding')).toEqual([])
    expect(await student?.ask('run')).toMatchObject({ ok: true, value: 'good' })
  })

  test.concurrent.each(REFUSED)('is refused in a sentence for %s', async (_what, files, begins) => {
    using place = placed(files)
    expect(await place.start()).toBeUndefined()
    const { sentence } = await place.finding()
    const said = sentence.replace(place.exercise, 'EXERCISE')
    expect(said.slice(0, begins.length)).toBe(begins)
  })
})

test.each([
  [
    'a solution',
    "Object.assign(new Error('x'), { code: 'MODULE_NOT_FOUND', imports: { specifier: 'y', from: SECRET } })",
  ],
  [
    'the place of a solution',
    "Object.assign(new ReferenceError('require is not defined'), { stack: 'ReferenceError: x\\n    at ' + SECRET + ':1:1' })",
  ],
  [
    'no file at all',
    "Object.assign(new Error('x'), { code: 'MODULE_NOT_FOUND', imports: { specifier: 'http://[', from: 'file://%2F%00' } })",
  ],
  [
    'no name',
    `Object.assign(new SyntaxError("Named export '((' not found. The requested module '../../solutions/01-first-connection/exercise.ts'"), { stack: import.meta.url + ':1' })`,
  ],
])('an error that names %s shows nothing of it', async (_what, error) => {
  using place = new Place(undefined, { 'secret/a.ts': "import 'y' // the secret\n" })
  const secret = `file://${place.folder}/secret/a.ts`
  place.write('tree/02-retrying-connection/exercise.ts', `const SECRET = '${secret}'\nthrow ${error}\n`)
  expect(await place.start()).toBeUndefined()
  const { sentence, detail } = await place.finding()
  expect(`${sentence}\n${detail}`).not.toContain('the secret')
})
