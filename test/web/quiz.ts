/** A question for a lesson of the scratch project; its second choice is right. */
export const QUIZ = `question: What does \`answer\` hold?
choices:
  - text: Nothing.
    why: The starter gives it a number.
  - text: <b>A number</b>.
    right: true
    why: It is counted in \`answers\`.
shown: The recording shows 42.
`
