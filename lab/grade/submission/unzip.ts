import { createWriteStream, mkdirSync, utimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Entry, openPromise } from 'yauzl'
import { LabError } from '../../errors.ts'
import { unsafePath } from './safe-path.ts'

/** What a zip may hold; more than that is no homework. */
export interface ZipLimits {
  files: number
  fileBytes: number
  bytes: number
}

export const ZIP_LIMITS: ZipLimits = { files: 20_000, fileBytes: 20 * 2 ** 20, bytes: 500 * 2 ** 20 }

const TYPE = 0o170000
const REGULAR = 0o100000
const DIRECTORY = 0o040000

/**
 * Unpacks a zip into a folder, regular files only. What would lie outside the folder, links, devices, encrypted files and
 * odd names are left out; sizes are counted as bytes come, whatever the zip says of itself.
 *
 * @returns what was left out, a sentence each
 * @throws LabError 'zip-broken' where it can't be read, 'zip-too-large' where it exceeds the limits
 */
export async function unzip(file: string, folder: string, limits = ZIP_LIMITS): Promise<string[]> {
  const leftOut: string[] = []
  const left = { files: limits.files, bytes: limits.bytes }
  const zip = await openPromise(file, { strictFileNames: false, validateEntrySizes: true }).catch((error: unknown) => {
    throw broken(file, error)
  })
  try {
    for await (const entry of zip.eachEntry()) {
      if (--left.files < 0) throw tooLarge(file, `it has more than ${limits.files} files`)
      const why = unwanted(entry)
      if (why !== undefined) {
        leftOut.push(`${entry.fileName}: ${why}`)
        continue
      }
      const target = join(folder, entry.fileName)
      if (entry.fileName.endsWith('/')) {
        mkdirSync(target, { recursive: true })
        continue
      }
      const most = Math.min(limits.fileBytes, left.bytes)
      if (entry.uncompressedSize > most) throw tooLarge(file, `${entry.fileName} is too large`)
      mkdirSync(dirname(target), { recursive: true })
      const counting = countingUpTo(most, () => tooLarge(file, `${entry.fileName} is larger than it says`))
      await pipeline(await zip.openReadStreamPromise(entry), counting, createWriteStream(target, { flags: 'wx' }))
      left.bytes -= entry.uncompressedSize
      const date = entry.getLastModDate()
      utimesSync(target, date, date)
    }
  } catch (error) {
    throw error instanceof LabError ? error : broken(file, error)
  } finally {
    zip.close()
  }
  return leftOut
}

/** Why an entry is left out; undefined for a regular file or a folder in its place. */
function unwanted({
  fileName,
  externalFileAttributes,
  versionMadeBy,
  generalPurposeBitFlag,
}: Entry): string | undefined {
  const why = unsafePath(fileName.replace(/\/$/, ''))
  if (why !== undefined) return why
  // Only Unix says what kind of file it is; what made it is in the upper byte.
  const type =
    versionMadeBy >> 8 === 3 || externalFileAttributes >>> 16 !== 0 ? (externalFileAttributes >>> 16) & TYPE : 0
  if (type !== 0 && type !== REGULAR && type !== DIRECTORY) return 'it is a link or a device, not a file'
  if ((generalPurposeBitFlag & 1) !== 0) return 'it is encrypted'
  return undefined
}

function countingUpTo(most: number, error: () => Error): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes > most) done(error())
      else done(null, chunk)
    },
  })
}

function broken(file: string, cause: unknown): LabError {
  return new LabError('zip-broken', `${basename(file)} can't be unpacked: ${(cause as Error).message}.`, {
    advice: 'Ask for a new zip, or unpack it yourself and put the folder in its place.',
    cause,
  })
}

function tooLarge(file: string, why: string): LabError {
  return new LabError('zip-too-large', `${basename(file)} was not unpacked: ${why}.`, {
    advice: 'A submission is a few source files. Look at its contents before you unpack it yourself.',
  })
}
