import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from '../../lab/root.ts'

/** The whole lab in a folder of its own, as a student has it: with no exercise, and nothing remembered. */
export interface Project extends Disposable {
  root: string
  path(path: string): string
  write(path: string, content: string): void
  read(path: string): string
}

const PARTS = ['lab', 'lab.ts', 'lessons', 'solutions', 'checks', 'package.json', '.npmrc', 'tsconfig.json']

export function newProject(): Project {
  const root = mkdtempSync(join(tmpdir(), 'cluster-up-menu-'))
  for (const part of PARTS) {
    cpSync(join(ROOT, part), join(root, part), {
      recursive: true,
      filter: (path) => !/lessons\/[^/]+\/exercise\.ts$/.test(path),
    })
  }
  installPackages(root)
  const path = (relative: string) => join(root, relative)
  return {
    root,
    path,
    write(relative, content) {
      mkdirSync(dirname(path(relative)), { recursive: true })
      writeFileSync(path(relative), content)
    },
    read: (relative) => readFileSync(path(relative), 'utf8'),
    [Symbol.dispose]() {
      // A warm broker would stay for ten minutes.
      execFileSync(process.execPath, [join(root, 'lab', 'start.mjs'), 'doctor', '--stop'], {
        cwd: root,
        stdio: 'ignore',
      })
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** The folder of the only lesson that begins so: '04' is '04-ack-consumer'. */
export function lessonOf(project: Project, number: string): string {
  const name = readdirSync(project.path('lessons')).find((each) => each.startsWith(`${number}-`))
  if (name === undefined) throw new Error(`There is no lesson ${number}.`)
  return name
}

/** Links, but for what a student's process loads: that may read the project, and not where a link leads. */
function installPackages(root: string): void {
  const [from, to] = [join(ROOT, 'node_modules'), join(root, 'node_modules')]
  const { dependencies } = JSON.parse(readFileSync(join(from, 'amqplib', 'package.json'), 'utf8'))
  const copied = new Set(['amqplib', ...Object.keys(dependencies ?? {})])
  mkdirSync(to)
  for (const name of readdirSync(from)) {
    if (copied.has(name)) cpSync(join(from, name), join(to, name), { recursive: true })
    else symlinkSync(join(from, name), join(to, name))
  }
}
