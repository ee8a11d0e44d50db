import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import { readIfThere } from '../lessons/files.ts'
import { ROOT } from '../root.ts'
import { mistakesOf, variantsOf } from './mistakes.ts'

/** Of ten exercises so many are wrong. */
const WRONG = 3

/**
 * Writes a class as it might be: of the lessons, most exercises are right, and each wrong one is another mistake as long as
 * there are any. Always the same for the same numbers.
 */
export async function writeClass(folder: string, { students, lessons }: { students: number; lessons: number }) {
  for (const { name, solution } of (await catalogue(ROOT)).slice(0, lessons)) {
    const right = [(await readIfThere(solution)) ?? '', ...(await variantsOf(ROOT, name)).map(({ source }) => source)]
    const wrong = (await mistakesOf(ROOT, name)).map(({ source }) => source)
    for (let student = 0; student < students; student++) {
      // 7 and 10 have no factor in common: the mistakes of one lesson are not those of the same students as another's.
      const isWrong = (student * 7 + Number(name.slice(0, 2))) % 10 < WRONG
      const sources = isWrong ? wrong : right
      const own = join(folder, `student-${String(student + 1).padStart(3, '0')}`, name)
      await mkdir(own, { recursive: true })
      // Nobody has the same file as somebody else.
      await writeFile(join(own, 'exercise.ts'), `${sources[student % sources.length]}\n// ${student}\n`)
    }
  }
}
