/** What the lab waits for a student's process to do, in words that follow 'waited for'. All text about it is in this file. */
export const awaited = {
  settled: (what: string) => `${what} to settle`,
  told: (name: string) => `your code to reach '${name}'`,
  printed: (what: string) => `your program to print ${what}`,
  loaded: 'your file to load',
  exited: 'your process to end',
  /** What came instead. */
  insteadExited: 'your process ended',
}
