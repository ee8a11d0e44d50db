import { execFile, spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { FoundSandbox } from '../found.ts'
import type { Inside, SandboxKind, SandboxProbe, StartedSandbox } from '../sandbox-kind.ts'

const run = promisify(execFile)
/** Where Node is in there: none of the folders that are mounted covers it. */
const NODE = '/node'
const PROBE_MS = 5000
const INSTALL = 'Install it: apt-get install bubblewrap (Linux only).'
/** Numbers of users that no machine has: each sandbox takes one, so that a limit on its processes counts its own only. */
const FIRST_UID = 1_000_000_000
const UIDS = 100_000_000
const SYSTEM = ['/usr', '/tmp', '/dev', '/proc']
const ALSO_READABLE = ['/lib', '/lib64', '/lib32', '/libx32']

/** Namespaces of the kernel's, set up by bubblewrap: Linux only, and no service is needed. */
export const kind: SandboxKind = {
  async probe(): Promise<SandboxProbe> {
    if (process.platform !== 'linux') return { text: 'bubblewrap needs Linux.' }
    try {
      const { stdout } = await run('bwrap', ['--version'], { timeout: PROBE_MS })
      const version = stdout.trim().replace(/^bubblewrap /, '')
      await run('bwrap', [...namespaces(), ...system(), '--', NODE, '--version'], { timeout: PROBE_MS })
      const text = `bubblewrap ${version}`
      return { found: { kind: 'bubblewrap', text }, text: `${text} is installed.` }
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string }
      if (code === 'ENOENT') return { text: 'bubblewrap is not installed.', advice: INSTALL }
      const words = stderr?.trim().split('\n', 1)[0] || String((error as Error).message)
      return {
        text: `bubblewrap can't start anything here: ${words}`,
        advice: 'The system may forbid user namespaces: see kernel.apparmor_restrict_unprivileged_userns.',
      }
    }
  },

  start(_: FoundSandbox, { mounts, agent, limits }: Inside): StartedSandbox {
    const folders = [...new Set(mounts.flatMap(({ at }) => above(at)))]
    const binds = [
      // Left to bubblewrap, only root could pass through them.
      ...folders.flatMap((folder) => ['--perms', '0755', '--dir', folder]),
      ...mounts.flatMap(({ from, at }) => ['--ro-bind', from, at]),
    ]
    const flags = [
      ...namespaces(),
      ...system(limits.temporaryBytes),
      ...binds,
      ...['--chdir', '/', '--clearenv', '--remount-ro', '/'],
    ]
    const prlimit = [
      'prlimit',
      `--nproc=${limits.processes}`,
      `--data=${limits.memoryBytes}`,
      '--core=0',
      '--nofile=4096',
    ]
    const uid = isRoot() ? [`--uid=${FIRST_UID + Math.floor(Math.random() * UIDS)}`] : []
    const words = [...prlimit, NODE, '--disable-sigusr1', '--max-old-space-size=128', agent]
    const memory = `--memory=${limits.memoryBytes}`
    const child = spawn('bwrap', [...flags, '--', ...words, memory, ...uid], {
      stdio: 'pipe',
      detached: true,
      env: pathOnly(),
    })
    return { process: child, removesFolder: false, remove: async () => {} }
  },
}

/** Root needs no namespace of users: the agent becomes another user before it does anything. */
function namespaces(): string[] {
  const all = ['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--unshare-cgroup-try']
  const user = isRoot()
    ? ['--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--cap-add', 'CAP_SYS_RESOURCE']
    : ['--unshare-user', '--uid', '65534', '--gid', '65534']
  return [...all, ...user, '--hostname', 'sandbox', '--die-with-parent', '--new-session', '--as-pid-1']
}

/** What a process needs to run at all. */
function system(temporaryBytes = 1_000_000): string[] {
  const libraries = ALSO_READABLE.flatMap((path) => ['--ro-bind-try', path, path])
  const small = (path: string, bytes: number) => ['--perms', '1777', '--size', String(bytes), '--tmpfs', path]
  return [
    ...['--ro-bind', '/usr', '/usr', ...libraries],
    ...[
      '--perms',
      '0755',
      '--dir',
      '/etc',
      '--ro-bind-try',
      '/etc/ld.so.cache',
      '/etc/ld.so.cache',
      '--symlink',
      'usr/bin',
      '/bin',
    ],
    ...['--proc', '/proc', '--dev', '/dev'],
    ...[...small('/dev/shm', 1_000_000), ...small('/tmp', temporaryBytes)],
    ...['--ro-bind', realpathSync(process.execPath), NODE],
  ]
}

/** The folders that a path is in, the outermost first. */
function above(path: string): string[] {
  const folder = dirname(path)
  return folder === '/' || SYSTEM.includes(folder) ? [] : [...above(folder), folder]
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function pathOnly(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
}
