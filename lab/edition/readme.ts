/** From here on the README is for others than students. */
const OTHERS = /^## Read on$/m
/** How to prove the whole lab's verdicts: with what students don't have. */
const PROOF = /^To see for yourself[^\n]*(?:\n[^\n]+)*\n\n/m

/** The README that students get. */
export function studentReadme(readme: string, { strict }: { strict: boolean }): string {
  const [students = ''] = readme.split(OTHERS)
  const about = strict
    ? 'A lesson needs your own exercises of the lessons that it builds on.'
    : 'If you skip a lesson that a later one builds on, a packed stand-in takes its place.'
  return `${students.replace(PROOF, '').trimEnd()}

## Read on

[docs/students.md](docs/students.md) lists keys and commands, explains how the lab chooses a broker, and helps when something
doesn't work.

## This edition

This is the students' edition of the lab. It has no solutions: your instructor has them. ${about}
`
}
