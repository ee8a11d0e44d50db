export declare const CONTROL: 0
export declare const STDOUT: 1
export declare const STDERR: 2
export declare const LINE: 3
export declare const TCP: 4
export declare const WINDOW: number
export declare const TOLD_EVERY: number
export declare function frame(kind: number, number: number, payload: Buffer): Buffer
export declare class Frames {
  push(chunk: Buffer, each: (kind: number, number: number, payload: Buffer) => void): void
}
