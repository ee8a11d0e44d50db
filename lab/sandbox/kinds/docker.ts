import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Engine } from '../../broker/docker/engine.ts'
import { locateEngine } from '../../broker/docker/locate.ts'
import { LabError } from '../../errors.ts'
import type { FoundSandbox } from '../found.ts'
import type { Inside, SandboxKind, SandboxProbe, StartedSandbox } from '../sandbox-kind.ts'

/** An official image with Node; LAB_SANDBOX_IMAGE chooses another. */
export const DEFAULT_IMAGE = 'node:26-slim'
/** On each container: the process that has started it. The agent in it ends with that. */
export const OWNER_LABEL = 'cluster-up.sandbox-of'
/**
 * Docker's client never ends when a folder that it is to mount goes between creating and starting the container. So the
 * folder goes when the client has ended, also where the lab was killed meanwhile.
 */
const RUN = 'folder=$1; shift; docker "$@"; status=$?; rm -rf "$folder"; exit $status'

/** A container without network, rights, or anything to write to. */
export const kind: SandboxKind = {
  socketsAt: '/line',

  async probe(env): Promise<SandboxProbe> {
    if (process.platform === 'win32') return { text: 'Docker sandboxes need Linux or macOS paths.' }
    const image = env['LAB_SANDBOX_IMAGE'] || DEFAULT_IMAGE
    try {
      const engine = await openEngine()
      const version = await engine.ping()
      const text = `Docker ${version}, image ${image}`
      if ((await engine.image(image)) === undefined) {
        return { text: `Docker ${version} has no image ${image}.`, advice: `Get it: docker pull ${image}` }
      }
      return { found: { kind: 'docker', text, image }, text }
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      return { text: error.message, advice: error.advice }
    }
  },

  start({ image = DEFAULT_IMAGE }: FoundSandbox, { folder, mounts, agent, limits }: Inside): StartedSandbox {
    const uri = locateEngine()
    const name = `cluster-up-sandbox-${randomUUID()}`
    const memory = String(limits.memoryBytes)
    const small = (bytes: number) => `rw,nosuid,nodev,size=${bytes},mode=1777`
    const flags = [
      ...['run', '--rm', '--interactive', '--name', name, '--label', `${OWNER_LABEL}=${process.pid}`],
      // What the agent says would be written to the engine's disk, too.
      ...['--log-driver', 'none'],
      ...['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...['--pids-limit', String(limits.processes), '--memory', memory, '--memory-swap', memory],
      ...['--user', '1000:1000', '--tmpfs', `/tmp:${small(limits.temporaryBytes)}`, '--shm-size', '1m'],
      ...[
        '--ulimit',
        'core=0',
        '--ulimit',
        'nofile=4096',
        '--hostname',
        'sandbox',
        '--workdir',
        '/',
        '--pull',
        'never',
      ],
      ...mounts.flatMap(({ from, at }) => ['--mount', `type=bind,source=${from},target=${at},readonly`]),
      ...['--entrypoint', 'node', image, '--disable-sigusr1', '--max-old-space-size=128', agent, `--memory=${memory}`],
    ]
    const child = spawn('sh', ['-c', RUN, 'sh', folder, ...flags], {
      stdio: 'pipe',
      detached: true,
      env: { ...process.env, DOCKER_HOST: uri },
    })
    return {
      process: child,
      removesFolder: true,
      remove: async () => (await openEngine(uri)).removeContainer(name),
    }
  },
}

/** Node's HTTP takes 40 ms to load: a container can start meanwhile. */
async function openEngine(uri?: string): Promise<Engine> {
  const { Engine } = await import('../../broker/docker/engine.ts')
  return new Engine(uri)
}
