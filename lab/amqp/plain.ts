/**
 * Decoded arguments, properties and tables as plain data that JSON can hold: bytes become { hex }, integers that no
 * number can hold decimal strings, and numbers that JSON has no form for (NaN, Infinity) their names.
 */
export function toPlain(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return value.toString()
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'object':
      if (value === null) return null
      if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') }
      if (Array.isArray(value)) return value.map(toPlain)
      return plainFields(value as Record<string, unknown>)
    default:
      return value
  }
}

/** The same for an object, in place: whoever has just decoded it owns it, and most hold nothing to change. */
export function plainFields(fields: Record<string, unknown>): Record<string, unknown> {
  for (const key in fields) {
    const value = fields[key]
    if (typeof value === 'object' || typeof value === 'bigint' || typeof value === 'number')
      fields[key] = toPlain(value)
  }
  return fields
}
