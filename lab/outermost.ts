import { sep } from 'node:path'

/** Each path once, and without those that lie in another: who has a folder has what is in it. */
export function outermost(paths: string[]): string[] {
  return paths.filter((path, i) => !paths.some((other, j) => (other === path ? j < i : isIn(other, path))))
}

/** Whether a path is a folder's own, or lies in it. */
export function isIn(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}
