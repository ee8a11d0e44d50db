/** A sandbox that works here, as plain data: what a check is given to run a submission in. */
export interface FoundSandbox {
  kind: SandboxName
  /** What it is, in a sentence: 'Docker 28.2, image node:26-slim'. */
  text: string
  /** Of docker. */
  image?: string
}

/** The kinds of sandbox, in the order in which 'auto' tries them. */
export const SANDBOXES = ['docker', 'bubblewrap'] as const

export type SandboxName = (typeof SANDBOXES)[number]
