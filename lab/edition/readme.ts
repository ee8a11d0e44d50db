/** The part of the README that is for students, without what this edition lacks: commands, docs, the lab's own tests. */
export function studentReadme(readme: string, { strict, scripts }: { strict: boolean; scripts: string[] }): string {
  const [students = ''] = readme.split(/^## Read on$/m)
  const about = strict
    ? 'A lesson needs your own exercises for the lessons that it builds on.'
    : "If a later lesson needs one that you haven't written yet, a packed stand-in takes its place."
  const lines = students.split('\n').filter((line) => {
    const command = /^\| `npm run ([a-z:-]+)/.exec(line)?.[1]
    return command === undefined || scripts.includes(command)
  })
  const paragraphs = lines
    .join('\n')
    .split('\n\n')
    .filter((paragraph) => !/\]\(docs\/|\bnpm test\b/.test(paragraph))
  return `${paragraphs.join('\n\n').trimEnd()}

## This edition

This is the students' edition of the lab. It has no solutions: your instructor has them. ${about}
`
}
