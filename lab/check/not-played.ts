/** A scenario can't be played with what is judged; the message says why. What reads it is not judged. */
export class NotPlayed extends Error {}
