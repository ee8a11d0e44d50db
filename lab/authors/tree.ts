import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Puts an exercise into a tree of its own, as a submission is, for as long as `use` needs it. */
export async function inTreeOfItsOwn<T>(lesson: string, source: string, use: (tree: string) => Promise<T>): Promise<T> {
  const tree = await mkdtemp(join(tmpdir(), 'cluster-up-'))
  try {
    await mkdir(join(tree, lesson))
    await writeFile(join(tree, lesson, 'exercise.ts'), source)
    return await use(tree)
  } finally {
    await rm(tree, { recursive: true, force: true })
  }
}
