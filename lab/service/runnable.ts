import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const DRIVERS = join(import.meta.dirname, 'drivers')

/** How the exercise of a lesson is run as a service: undefined where it takes no tasks by itself. `solution` is a path. */
export function howToRun({ name, solution }: { name: string; solution: string }): { driver?: string } | undefined {
  const driver = join(DRIVERS, `${name}.driver.ts`)
  // A function that takes tasks has a driver of the lab's; an exercise that is a program runs by itself.
  if (existsSync(driver)) return { driver }
  return /\bimport\.meta\.main\b/.test(readFileSync(solution, 'utf8')) ? {} : undefined
}
