import { timingSafeEqual } from 'node:crypto'

export interface User {
  readonly name: string
  readonly password: string
  /** Names of the virtual hosts that it may open. */
  readonly vhosts: ReadonlySet<string>
}

/** Who may log in, and where to. A virtual host that is removed need not be taken from its users: its name is unknown then. */
export class Users {
  readonly #byName = new Map<string, User>()

  add(name: string, password: string, vhosts: string[]): void {
    this.#byName.set(name, { name, password, vhosts: new Set(vhosts) })
  }

  remove(name: string): void {
    this.#byName.delete(name)
  }

  /** Undefined when there is nobody of that name, or the password is another. */
  authenticate({ name, password }: { name: string; password: string }): User | undefined {
    const user = this.#byName.get(name)
    return user !== undefined && same(user.password, password) ? user : undefined
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
