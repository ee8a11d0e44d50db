/** A folder outside, and where it is seen in the sandbox. */
export interface Mount {
  from: string
  at: string
}
