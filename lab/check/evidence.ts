/** What a check's evidence is made of: questions to recordings, and the shortfall that answers them. */
export * from '../recording/ask.ts'
export type { RecordedEvent, Recording, ToldEvent } from '../recording/recording.ts'
export * from './shortfall.ts'
export type { Stage } from './stage.ts'
