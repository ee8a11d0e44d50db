import type { KeeperStatus } from '../broker/keeper/protocol.ts'
import type { Probe } from '../broker/kept-broker.ts'
import { KINDS, loadKind } from '../broker/kinds/kind.ts'
import { listWarm, stopWarm } from '../broker/warm.ts'
import type { Io } from '../io.ts'
import { probeSandboxes } from '../sandbox/find.ts'
import { command } from './command.ts'
import { flag } from './options.ts'

type Output = Pick<Io['stdout'], 'write'>

/** `npm run doctor`: which brokers can be used here, and which sandboxes. */
export const doctor = command({
  usage: 'npm run doctor --',
  options: { stop: flag('stop the warm brokers') },
  run: ({ values: { stop } }, { stdout }) => (stop ? stopBrokers(stdout) : tellBrokers(stdout)),
})

/** Ends all warm brokers. @returns the exit code */
export async function stopBrokers(stdout: Output, root?: string): Promise<number> {
  const stopped = await stopWarm(root)
  for (const status of stopped) stdout.write(`Stopped the ${status.kind} broker${describeBroker(status)}.\n`)
  if (stopped.length === 0) stdout.write('No broker is warm.\n')
  return 0
}

/**
 * Says which brokers can be used here, why not the others, and what to do about that.
 *
 * @returns the exit code: 0 when one can be used, else 2
 */
export async function tellBrokers(stdout: Output, root?: string, now: () => number = Date.now): Promise<number> {
  const [probes, warm, sandboxes] = await Promise.all([probeAll(), listWarm(root), probeSandboxes()])
  stdout.write(`Node ${process.versions.node} on ${process.platform} ${process.arch}\n\n`)
  for (const { kind, probe } of probes) {
    stdout.write(`${kind.padEnd(12)}${probe.usable ? 'usable' : 'not usable'}\n`)
    const lines = [probe.text, ...(probe.advice ? [probe.advice] : [])]
    const keepers = warm.filter((status) => status.kind === kind)
    if (keepers.length > 0) lines.push(...keepers.map((status) => describeWarm(status, now())))
    else if (probe.usable) lines.push('not warm: the first check that needs it starts it')
    stdout.write(`${lines.map((line) => `  ${line}\n`).join('')}\n`)
  }
  stdout.write('Sandboxes, for untrusted code (check --sandbox):\n')
  for (const { kind, probe } of sandboxes) {
    const lines = [probe.found ? 'usable' : 'not usable', probe.text, ...(probe.advice ? [probe.advice] : [])]
    stdout.write(`  ${kind.padEnd(12)}${lines.join('\n    ')}\n`)
  }
  stdout.write('\n')
  const lacking = lacksOf(process.platform)
  if (lacking.length > 0)
    stdout.write(`What the lab can't do on this system:\n${lacking.map((line) => `  ${line}\n`).join('')}\n`)
  const first = probes.find(({ probe }) => probe.usable)
  stdout.write(first ? `Checks use ${first.kind} here.\n` : "Checks can't use any of them yet.\n")
  return first ? 0 : 2
}

/** What the lab needs Linux for, and what it does without. */
export function lacksOf(platform: NodeJS.Platform): string[] {
  if (platform === 'linux') return []
  const everywhere = [
    'There is no /proc, so a process that your exercise leaves behind in its own process group may keep running after the check (lesson 13).',
    platform === 'win32'
      ? "The lab can't tell how busy the machine is, so its time limits go by the clock."
      : 'The lab sees only the average load of the last minute, so its time limits adapt late.',
  ]
  if (platform !== 'win32') return everywhere
  return [
    "One process can't send SIGINT or SIGTERM to another, so whatever needs these signals isn't judged (lessons 05, 10 and 13).",
    'There are no process groups, so when a process is killed, its child processes may keep running.',
    'Ctrl-Z does not suspend the menu.',
    ...everywhere,
  ]
}

function probeAll(): Promise<{ kind: string; probe: Probe }[]> {
  return Promise.all(KINDS.map(async (kind) => ({ kind, probe: await (await loadKind(kind)).probe() })))
}

function describeWarm(status: KeeperStatus, now: number): string {
  const minutes = Math.floor((now - status.since) / 60_000)
  const since = minutes === 0 ? 'less than a minute' : `${minutes} min`
  const state = status.broker ? 'warm' : 'booting'
  return `${state} for ${since}, ${useOf(status)}${describeBroker(status)}`
}

/** 'used by 1 command now', or how long it stays without being used. */
function useOf({ users, until }: KeeperStatus): string {
  if (users === 0 && until !== undefined) {
    return `until ${new Date(until).toLocaleTimeString('en-GB').slice(0, 5)} unless a command uses it`
  }
  return `used by ${users === 1 ? '1 command' : `${users} commands`} now`
}

function describeBroker({ broker, pid }: KeeperStatus): string {
  return broker
    ? ` (${broker.info.product} ${broker.info.version}, port ${broker.port}, kept by process ${pid})`
    : ` (kept by process ${pid})`
}
