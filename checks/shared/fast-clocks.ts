/** The clocks of a consumer's process, once its driver is asked to hurry: a pause of seconds is over in moments. */

export const FAST = { atFirstMs: 0, times: 400 }
/** In turns: a minute at least on those clocks. */
export const LONGEST_PAUSE = 15
