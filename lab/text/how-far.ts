/** How far a check is, in words: 'Checking, 12 s; 3 of 8 decided; now: waits between attempts'. */
export function howFar(
  what: string,
  ms: number,
  progress: { decided: number; total: number; awaiting?: string } | undefined,
): string {
  const said = [`${what}, ${(ms / 1000).toFixed(0)} s`]
  if (progress !== undefined && progress.total > 0) said.push(`${progress.decided} of ${progress.total} decided`)
  if (progress?.awaiting !== undefined) said.push(`now: ${progress.awaiting}`)
  return said.join('; ')
}
