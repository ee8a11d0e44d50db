import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Launch } from '../student/launch.ts'
import { realPath } from '../student/real-path.ts'
import { standInsFolder } from '../which-edition.ts'
import type { PlayConfig } from './config.ts'

/** How the student's processes of a check are started. */
export function launchOf(
  config: PlayConfig,
  lesson: string,
  as: 'driver' | 'program',
  { mayFork = false, fastClocks = false } = {},
): Launch {
  const { root, tree, files, exports, solutionsOnly, program } = config
  const folder = (path: string) => `${pathToFileURL(path).href}/`
  return {
    setting: {
      lab: folder(root),
      tree: folder(realPath(tree)),
      solutions: folder(standInsFolder(root)),
      exports,
      solutionsOnly,
      lesson,
      ...(fastClocks ? { fastClocks } : {}),
    },
    exercise: files[lesson] ?? join(tree, lesson, 'exercise.ts'),
    ...(as === 'driver' ? { driver: join(root, 'checks', lesson, 'driver.ts') } : {}),
    ...(as === 'program' && program ? { command: program } : {}),
    ...(mayFork ? { mayFork } : {}),
  }
}
