import { copyFileSync, lstatSync, mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { LabError } from '../../errors.ts'
import type { Lesson } from '../../lessons/lesson.ts'
import { lessonNamed } from './lesson-named.ts'
import { unzip } from './unzip.ts'
import { isLookedInto, walk } from './walk.ts'

/** A submission as it was handed in. */
export interface Handed {
  /** The name of its folder or zip. */
  id: string
  /** Its files; undefined where they can't be had. */
  folder: string | undefined
  /** What it was: 'anna.zip', 'class.zip, anna/'. */
  from: string
  notes: string[]
}

export interface FoundClass {
  handed: Handed[]
  /** What lies beside the submissions and is none. */
  ignored: string[]
}

type Lessons = Pick<Lesson, 'name' | 'number'>[]

interface Place {
  folder: string
  /** How it is called: '' for the class's own folder. */
  name: string
}

const ZIP = /\.zip$/i
/** How Moodle and Gradescope name what one student handed in. */
const MOODLE_FOLDER = /^(.+)_assignsubmission_[a-z]+_?$/i
const MOODLE_FILE = /^(.+_\d+)_assignsubmission_file_(.+)$/i
const GRADESCOPE = /^submission_\d+$/i

/**
 * Finds the submissions of a class: a folder or a zip each, or one zip of all as Moodle and Gradescope give it.
 *
 * @param scratch an empty folder, for what is unpacked
 * @param out the folder of results: it is no submission, wherever it lies
 * @throws LabError 'no-submissions'
 */
export async function findClass(
  path: string,
  { lessons, scratch, out }: { lessons: Lessons; scratch: string; out: string },
): Promise<FoundClass> {
  const unpacked = new Unpacked(scratch)
  const found: FoundClass = { handed: [], ignored: [] }
  const kind = statSync(path, { throwIfNoEntry: false })
  if (kind === undefined || !(kind.isDirectory() || ZIP.test(path))) {
    throw new LabError('no-submissions', `${path} isn't a folder.`, {
      advice: 'Give the folder that contains a folder or a zip for each submission.',
    })
  }
  if (kind.isFile()) {
    await ofAll({ folder: await unpacked.zip(path, []), name: basename(path) })
  } else {
    const entries = entriesOf(path, out)
    const [only, ...others] = entries.filter(isPossible)
    // One zip or folder of all.
    const opened = only !== undefined && others.length === 0 ? await opening(path, only, '') : undefined
    if (opened?.folder !== undefined && isWhole(opened.folder))
      await ofAll({ folder: opened.folder, name: opened.from })
    else await inFolder({ folder: path, name: '' })
  }
  const handed = unique(found.handed).sort((one, other) => one.id.localeCompare(other.id, 'en', { numeric: true }))
  if (handed.length === 0) {
    throw new LabError('no-submissions', `There is no submission in ${path}.`, {
      advice: 'Give the folder that contains a folder or a zip for each submission.',
    })
  }
  return { handed, ignored: found.ignored }

  /** What one zip or folder of a whole class holds, which may be a folder deeper. */
  async function ofAll({ folder, name }: Place): Promise<void> {
    let inside = folder
    for (;;) {
      const [only, ...others] = entriesOf(inside, out).filter(isPossible)
      if (only === undefined || others.length > 0 || ZIP.test(only) || isOfOne(only) || !isWhole(join(inside, only)))
        break
      inside = join(inside, only)
    }
    if (isWhole(inside)) return inFolder({ folder: inside, name })
    found.handed.push({ id: basename(name).replace(ZIP, ''), folder: inside, from: name, notes: [] })
  }

  async function inFolder({ folder, name }: Place): Promise<void> {
    const loose = new Map<string, string[]>()
    for (const entry of entriesOf(folder, out)) {
      const [, student, file] = MOODLE_FILE.exec(entry) ?? []
      if (student !== undefined && file !== undefined && !isFolder(join(folder, entry))) {
        loose.set(student, [...(loose.get(student) ?? []), entry])
        continue
      }
      if (!isPossible(entry) || (!ZIP.test(entry) && !isFolder(join(folder, entry)))) {
        found.ignored.push(entry)
        continue
      }
      const handed = await opening(folder, entry, name)
      // Two sections, a zip of all each.
      if (handed.folder !== undefined && name === '' && hasOnesOfSystems(handed.folder)) {
        await ofAll({ folder: handed.folder, name: entry })
      } else found.handed.push(handed)
    }
    for (const [student, files] of loose) found.handed.push(await ofFiles(folder, student, files, name))
  }

  async function opening(folder: string, entry: string, name: string): Promise<Handed> {
    const id = MOODLE_FOLDER.exec(entry)?.[1] ?? entry.replace(ZIP, '')
    const from = [name, entry].filter(Boolean).join(', ')
    const notes: string[] = []
    try {
      if (ZIP.test(entry)) return { id, folder: await unpacked.zip(join(folder, entry), notes), from, notes }
      return { id, folder: await unpacked.zipsIn(join(folder, entry), notes), from, notes }
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      return { id, folder: undefined, from, notes: [...notes, error.message] }
    }
  }

  async function ofFiles(folder: string, id: string, files: string[], name: string): Promise<Handed> {
    const own = unpacked.empty()
    for (const file of files) {
      const target = join(own, MOODLE_FILE.exec(file)?.[2] ?? file)
      copyFileSync(join(folder, file), target)
      const { atime, mtime } = statSync(join(folder, file))
      utimesSync(target, atime, mtime)
    }
    const notes: string[] = []
    const from = [name, files.join(' ')].filter(Boolean).join(', ')
    return { id, folder: await unpacked.zipsIn(own, notes), from, notes }
  }

  /** Whether a folder holds several submissions, and is not one itself. */
  function isWhole(folder: string): boolean {
    if (hasOnesOfSystems(folder)) return true
    const entries = entriesOf(folder, out)
    if (entries.some((name) => name === 'lessons' || name === 'exercise.ts' || lessonNamed(name, lessons))) return false
    const inside = entries.filter((name) => ZIP.test(name) || hasLessons(join(folder, name)))
    if (inside.length !== 1) return inside.length > 1
    const [only = ''] = inside
    return !ZIP.test(only) && isWhole(join(folder, only))
  }

  function hasLessons(folder: string): boolean {
    if (!isFolder(folder) || !isLookedInto(basename(folder))) return false
    const { folders, files } = walk(folder)
    return (
      folders.some((each) => lessonNamed(basename(each), lessons)) || files.some((file) => /exercise\.ts$/.test(file))
    )
  }
}

function hasOnesOfSystems(folder: string): boolean {
  return isFolder(folder) && readdirSync(folder).some(isOfOne)
}

function isOfOne(name: string): boolean {
  return GRADESCOPE.test(name) || MOODLE_FOLDER.test(name) || MOODLE_FILE.test(name)
}

function entriesOf(folder: string, out: string): string[] {
  return readdirSync(folder)
    .filter(
      (name) => !/^(\.|__MACOSX$|node_modules$)/.test(name) && relative(resolve(out), resolve(folder, name)) !== '',
    )
    .sort()
}

/** A folder, a zip, or a file that a system named: nothing else is handed in. */
function isPossible(name: string): boolean {
  return ZIP.test(name) || MOODLE_FILE.test(name) || !/\.[a-z]{2,4}$/i.test(name)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Two that have one name (a folder and a zip) keep apart. */
function unique(handed: Handed[]): Handed[] {
  const taken = new Set<string>()
  return handed.map((each) => {
    let id = each.id
    for (let number = 2; taken.has(id.toLowerCase()); number++) id = `${each.id} (${number})`
    taken.add(id.toLowerCase())
    return { ...each, id }
  })
}

/** Gives what is unpacked folders of its own. */
class Unpacked {
  #count = 0
  readonly #scratch: string

  constructor(scratch: string) {
    this.#scratch = scratch
  }

  empty(): string {
    const folder = join(this.#scratch, String(++this.#count))
    mkdirSync(folder, { recursive: true })
    return folder
  }

  async zip(file: string, notes: string[]): Promise<string> {
    const folder = this.empty()
    notes.push(...(await unzip(file, folder)).map((leftOut) => `Left out of the zip: ${leftOut}.`))
    return folder
  }

  /** A folder whose only content is a zip means the zip. */
  async zipsIn(folder: string, notes: string[]): Promise<string> {
    const entries = readdirSync(folder).filter((name) => !name.startsWith('.'))
    const zips = entries.filter((name) => ZIP.test(name))
    const [zip] = zips
    if (zip === undefined || entries.length > 1 || !lstatSync(join(folder, zip)).isFile()) return folder
    return this.zip(join(folder, zip), notes)
  }
}
