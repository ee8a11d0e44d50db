import type { ICruiseResult } from 'dependency-cruiser'

/**
 * Which folder imports which, as a Mermaid diagram. Arrows that others imply are left out: of `check → wire → recording`
 * and `check → recording` only the first. So is lab/commands, which imports every folder.
 */
export function picture({ modules }: Pick<ICruiseResult, 'modules'>): string {
  const imports = new Map<string, Set<string>>()
  for (const { source, dependencies } of modules) {
    const from = folderOf(source)
    if (from === undefined || from === 'commands') continue
    const known = imports.get(from) ?? new Set()
    imports.set(from, known)
    for (const to of dependencies.map(({ resolved }) => folderOf(resolved))) {
      if (to !== undefined && to !== from) known.add(to)
    }
  }
  const reaches = (from: string, to: string): boolean => {
    const next = imports.get(from) ?? new Set()
    return next.has(to) || [...next].some((each) => reaches(each, to))
  }
  const lines = [...imports].sort().map(([folder, others]) => {
    const direct = [...others].filter((to) => ![...others].some((via) => via !== to && reaches(via, to)))
    return `  ${folder}${direct.length === 0 ? '' : ` --> ${direct.sort().join(' & ')}`}`
  })
  return ['flowchart TD', ...lines, ''].join('\n')
}

/** 'check' for 'lab/check/player/main.ts', 'checks' for what is in there. */
function folderOf(file: string): string | undefined {
  return /^lab\/([^/]+)\/|^(checks)\//.exec(file)?.slice(1).find(Boolean)
}
