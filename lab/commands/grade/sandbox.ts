/** What every report says of it; undefined where there is nothing to say. */
export function sandboxNotice(sandbox: string): string | undefined {
  if (sandbox !== 'none') return undefined
  return "Judged without a sandbox: only Node's permission model confined the code, which doesn't stop malicious code."
}
