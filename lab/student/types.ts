import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { standInsFolder } from '../which-edition.ts'

/**
 * TypeScript's complaints about an exercise, a line each: advice, since Node runs the file without looking at types.
 * Asked once for each content of the file; the answer is kept in `.lab/types`.
 */
export async function typeAdvice(file: string, root: string, state = join(root, '.lab')): Promise<string[]> {
  try {
    const content = await readFile(file)
    const key = createHash('sha256').update(file).update(content).digest('hex').slice(0, 24)
    const kept = join(state, 'types', `${key}.json`)
    const known = await readFile(kept, 'utf8').catch(() => undefined)
    if (known !== undefined) return JSON.parse(known) as string[]
    const advice = await askTypeScript(file, root, state, key)
    await writeFile(`${kept}.${process.pid}`, JSON.stringify(advice))
    await rename(`${kept}.${process.pid}`, kept)
    return advice
  } catch {
    // Advice is a gift: where it can't be had, the verdict stands without it.
    return []
  }
}

async function askTypeScript(file: string, root: string, state: string, key: string): Promise<string[]> {
  const folder = join(state, 'types')
  await mkdir(folder, { recursive: true })
  const config = join(folder, `${key}.tsconfig.json`)
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        // A submission has neither our packages nor our package.json around it.
        module: 'esnext',
        moduleResolution: 'bundler',
        moduleDetection: 'force',
        noUnusedLocals: false,
        noUnusedParameters: false,
        typeRoots: [join(root, 'node_modules', '@types')],
        paths: { '*': [join(root, 'node_modules', '*')] },
        // A submission need not bring its earlier lessons: the solutions stand in for them here, too.
        rootDirs: [dirname(dirname(file)), standInsFolder(root)],
      },
      files: [file],
      include: [],
    }),
  )
  try {
    const output = await run(
      [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config, '--pretty', 'false'],
      dirname(file),
    )
    const name = /^(.+?)\((\d+),(\d+)\): error TS\d+: (.*)$/
    return output.split(/\r?\n/).flatMap((line) => {
      const [, path = '', row, , text] = name.exec(line) ?? []
      return text !== undefined && relative(file, join(dirname(file), path)) === '' ? [`line ${row}: ${text}`] : []
    })
  } finally {
    await rm(config, { force: true })
  }
}

function run(args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true })
    // Advice can wait: the check beside it has the machine first.
    if (child.pid !== undefined) giveWay(child.pid)
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}

function giveWay(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // Where priorities can't be set, or it has ended already, it runs as it is.
  }
}
