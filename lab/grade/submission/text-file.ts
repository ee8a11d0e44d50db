const UTF8_BOM = [0xef, 0xbb, 0xbf]
const UTF16_LE_BOM = [0xff, 0xfe]
const UTF16_BE_BOM = [0xfe, 0xff]

/**
 * A source file as every editor leaves it, in one shape: UTF-8 without a byte order mark, lines ended by a line feed.
 * Undefined where it is not text.
 */
export function textOfFile(bytes: Uint8Array): string | undefined {
  const text = decoded(bytes)
  if (text?.includes('\0')) return undefined
  return text?.replace(/\r\n?/g, '\n')
}

function decoded(bytes: Uint8Array): string | undefined {
  const begins = (mark: number[]) => mark.every((byte, index) => bytes[index] === byte)
  const encoding = begins(UTF16_LE_BOM) ? 'utf-16le' : begins(UTF16_BE_BOM) ? 'utf-16be' : 'utf-8'
  // A file in an older encoding is read with replacement characters: it may still be judged.
  const text = new TextDecoder(encoding, { ignoreBOM: !begins(UTF8_BOM) && encoding === 'utf-8' }).decode(bytes)
  return text
}
