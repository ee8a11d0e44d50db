import type { ChildProcess } from 'node:child_process'
import type { FoundSandbox } from './found.ts'
import type { Mount } from './staging.ts'

/** What a kind of sandbox is; each file of kinds/ has one. */

/** A way to shut a submission in: each file of this folder exports one as `kind`. */
export interface SandboxKind {
  /** Whether it can be used here; takes moments, and leaves nothing. */
  probe(env: NodeJS.ProcessEnv): Promise<SandboxProbe>
  /** Starts the agent in a new sandbox. It speaks over its standard streams, and ends when they do. */
  start(found: FoundSandbox, inside: Inside): StartedSandbox
  /** Where in it there can be a socket for the agent to call: its standard streams pass through other processes. */
  socketsAt?: string
}

export interface SandboxProbe {
  /** Missing where it can't be used. */
  found?: FoundSandbox
  /** What it is, or why it can't be used, in a sentence. */
  text: string
  /** What to do about it. */
  advice?: string | undefined
}

/** What is in a sandbox. */
export interface Inside {
  /** Outside: what the folders of the mounts are in. */
  folder: string
  /** Folders of the lab's and of the submission's; nobody in there can write to them. */
  mounts: Mount[]
  /** The agent's path inside. */
  agent: string
  limits: SandboxLimits
}

export interface SandboxLimits {
  /** Memory of all that runs in it, in bytes. */
  memoryBytes: number
  /** Processes and threads. */
  processes: number
  /** What may be written to its temporary folder, in bytes. */
  temporaryBytes: number
}

/** A process that stands for the sandbox: when it ends, the sandbox has. It leads a process group of its own. */
export interface StartedSandbox {
  process: ChildProcess
  /** It removes the folder of the mounts itself when the sandbox has ended: nobody else may while it lives. */
  removesFolder: boolean
  /** Removes what ending the process may leave. */
  remove(): Promise<void>
}
