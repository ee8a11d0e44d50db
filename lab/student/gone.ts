/** The process ended, or can't be used: the scenario has nothing more to play with it. */
export class StudentGone extends Error {}
