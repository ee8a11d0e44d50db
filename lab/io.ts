/** Somewhere to print: a terminal, a file, a pipe, or a test. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number }

/** The streams and the environment of a command: by default the process's own. */
export interface Io {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?: (on: boolean) => unknown }
  stdout: Output
  stderr: Output
  env: NodeJS.ProcessEnv
}

/** What a screen needs: keys, and somewhere to draw. */
export type Terminal = Pick<Io, 'stdin' | 'stdout'>
