// Runs first in a student's process (node --import).
import { sources } from './sources.mjs'

// A process that the exercise has started is none of the lab's: its line is to its parent.
if (Object.keys(sources).length > 0) await import('./preload.ts')
