import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { Screen } from './screen.ts'

/** A terminal in memory, for the menu in this very process: its checks can be made to do what a test needs. */
export class Terminal implements Disposable {
  readonly screen: Screen
  readonly stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (_on: boolean): unknown => undefined })
  readonly stdout: Writable & { isTTY: boolean; columns: number; rows: number }
  /** Where the menu hears signals, instead of the process. */
  readonly signals = new EventEmitter()

  constructor({ columns = 80, rows = 40 } = {}) {
    this.screen = new Screen(columns, rows)
    const write = new Writable({
      write: (chunk, _encoding, done) => {
        // A terminal makes a line's end of what a program ends its lines with.
        this.screen.write(String(chunk).replace(/\r?\n/g, '\r\n'))
        done()
      },
    })
    this.stdout = Object.assign(write, { isTTY: true, columns, rows })
  }

  press(keys: string): void {
    this.stdin.write(keys)
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows)
    Object.assign(this.stdout, { columns, rows })
    this.stdout.emit('resize')
  }

  shows(what: string | RegExp): Promise<string> {
    return this.screen.shows(what)
  }

  [Symbol.dispose](): void {
    this.screen[Symbol.dispose]()
  }
}
