import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

/** Who may talk to the lab: the browser that was given the token, at this machine's own address. */
export interface Guard {
  token: string
  /** Known once the server listens. */
  port: () => number
}

/**
 * Refuses whatever comes by another name (a page elsewhere whose name was bound to this address), from another page, or
 * without the token. The token comes once, in the URL; after that a cookie has it, which no script can read.
 */
export function guarded({ token, port }: Guard): MiddlewareHandler {
  return async (context, next) => {
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`]
    const host = context.req.header('host') ?? ''
    const origin = context.req.header('origin')
    if (!hosts.includes(host)) return refuse(context, 'The lab answers only at its own address.')
    if (origin !== undefined && origin !== `http://${host}`)
      return refuse(context, 'The lab answers only its own pages.')
    const site = context.req.header('sec-fetch-site') ?? 'none'
    const given = context.req.query('token')
    const cookie = `cluster-up-${port()}`
    if (given !== undefined && isSame(given, token)) {
      setCookie(context, cookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
      // Out of the address bar, and of what is sent on.
      return context.redirect(context.req.path)
    }
    if (site === 'cross-site' || !isSame(getCookie(context, cookie) ?? '', token))
      return refuse(context, 'Open the address that npm run web printed, including its token.')
    return next()
  }
}

function refuse(context: Context, why: string): Response {
  return context.text(`${why}\n`, 403)
}

function isSame(given: string, token: string): boolean {
  const sum = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(sum(given), sum(token))
}
