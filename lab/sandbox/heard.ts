import * as v from 'valibot'

/** What the agent in a sandbox may say; see agent/agent.mjs. */

const number = v.pipe(v.number(), v.integer(), v.minValue(0))
const text = v.pipe(v.string(), v.maxLength(2000))
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))

export const FromAgent = v.variant('say', [
  v.object({ say: v.literal('ready') }),
  v.object({ say: v.literal('memory') }),
  v.object({ say: v.literal('spawned'), id: number, pid: number }),
  v.object({ say: v.literal('error'), id: number, message: text }),
  v.object({ say: v.literal('exit'), id: number, code: v.nullable(v.number()), signal: v.nullable(text) }),
  v.object({ say: v.literal('closed'), id: number }),
  v.object({ say: v.literal('listening'), port }),
  v.object({ say: v.literal('not-listening'), port, message: text }),
  v.object({ say: v.literal('port-closed'), port }),
  v.object({ say: v.literal('opened'), stream: number, port, remotePort: port }),
  v.object({ say: v.literal('ended'), stream: number }),
  v.object({ say: v.literal('reset'), stream: number, code: text }),
  v.object({ say: v.literal('gone'), stream: number }),
  v.object({ say: v.literal('took'), stream: number, bytes: number }),
])
export type FromAgent = v.InferOutput<typeof FromAgent>

export type ToAgent =
  | { do: 'begin'; socket: string | undefined }
  | { do: 'spawn'; id: number; args: string[]; cwd: string; env: Record<string, string> }
  | { do: 'kill'; id: number; signal: NodeJS.Signals; group: boolean }
  | { do: 'listen' | 'close'; port: number }
  | { do: 'end' | 'reset' | 'destroy'; stream: number }
  | { do: 'took'; stream: number; bytes: number }
