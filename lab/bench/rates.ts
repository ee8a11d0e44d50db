/** How quick a broker is, as raw-client.ts measures it. */
export interface Rates {
  publishesPerSecond: number
  consumesPerSecond: number
}
