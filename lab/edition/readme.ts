/** The part of the README that is for students, without the commands that this edition lacks. */
export function studentReadme(readme: string, { strict, scripts }: { strict: boolean; scripts: string[] }): string {
  const [students = ''] = readme.split(/^## For instructors$/m)
  const about = strict
    ? 'A lesson needs your own exercises for the lessons that it builds on.'
    : "If a later lesson needs one that you haven't written yet, a packed stand-in takes its place."
  const lines = students.split('\n').filter((line) => {
    const command = /^\| `npm run ([a-z:-]+)/.exec(line)?.[1]
    return command === undefined || scripts.includes(command)
  })
  const author = /\nAs an author[^\n]*\n\n```sh\n[\s\S]*?```\n(\nNeither needs anything else on the machine\.\n)?/
  return `${lines.join('\n').replace(author, '\nNothing else is needed on the machine.\n').trimEnd()}

## This edition

This is the students' edition of the lab. It has no solutions: your instructor has them. ${about}
`
}
