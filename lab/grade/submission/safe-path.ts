const NOT_IN_A_NAME = /[\p{Cc}<>:"|?*\\]/u
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i
const LONGEST = 240
const DEEPEST = 20

/** Why a file of a submission may not be written under this path, in a few words; undefined where it may. */
export function unsafePath(path: string): string | undefined {
  const parts = path.split('/')
  if (parts.includes('..') || /^([a-z]:|\/|\\)/i.test(path)) return 'it would lie outside the submission'
  if (parts.some((part) => part === '' || part === '.' || NOT_IN_A_NAME.test(part) || RESERVED.test(part)))
    return "some systems don't allow this name"
  if (path.length > LONGEST || parts.length > DEEPEST) return 'its path is too long'
  return undefined
}
